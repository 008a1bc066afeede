import { describe, expect, it } from 'vitest';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../../protocols/gbcs/message.js';
import { decodePayload, encodePayload } from '../../../../protocols/gbcs/payload.js';
import {
  type CommandUseCase,
  checkParameters,
  commandPayload,
  commandUseCase,
  commandUseCases,
} from '../../../../protocols/gbcs/use-cases/catalogue.js';
import {
  commandParameters,
  isMadeBy,
} from '../../../../protocols/gbcs/use-cases/command-parameters.js';
import type { HeaderValues } from '../../../../protocols/gbcs/use-cases/template.js';
import { messageCodes } from '../../../../protocols/gbcs/use-cases/use-case.js';
import { loadRtdsIndex, readRtdsMessage, rtdsAvailable } from '../../../support/rtds.js';

/** A command or pre-command of the data set. */
interface Official {
  readonly name: string;
  readonly messageCode: number;
  readonly content: Uint8Array;
  readonly header: HeaderValues;
}

function loadCommands(): Official[] {
  return loadRtdsIndex()
    .filter((entry) => entry.payload === 'dlms-access-request')
    .map((entry) => {
      const { header, content } = decodeGbcsMessage(readRtdsMessage(entry));
      const { messageCode, supplementaryRemotePartyId } = header.otherInformation;
      return {
        name: entry.file.slice(entry.file.indexOf('/') + 1).replace('_GBCS.HEX', ''),
        messageCode,
        content,
        header: {
          originator: supplementaryRemotePartyId ?? header.originator,
          recipient: header.recipient,
          originatorCounter: header.originatorCounter,
          nowMs: 0,
        },
      };
    });
}

const commands = rtdsAvailable ? loadCommands() : [];

function named({ messageCode, content }: Official) {
  return commandParameters(messageCode, decodePayload(content, messageCode, 'command'));
}

function parametersOf(name: string): Readonly<Record<string, unknown>> | undefined {
  return named(commands.find((command) => command.name === name) as Official)?.parameters;
}

const someHeader: HeaderValues = {
  originator: '90b3d51f30010000' as Eui64,
  recipient: '00db1234567890a0' as Eui64,
  originatorCounter: 1000n,
  nowMs: 0,
};

/** As a command line gives parameters: all as text. */
function contentOf(name: string, given: Readonly<Record<string, unknown>>): Uint8Array {
  const useCase = commandUseCase(name) as CommandUseCase;
  const check = checkParameters(useCase, given);
  if (!check.ok) throw new Error(check.problems.join('; '));
  const payload = commandPayload(useCase, check.parameters, someHeader);
  return encodePayload(payload, useCase.code.code, 'command');
}

const dlmsUseCases = commandUseCases.filter(({ request }) => 'dlms' in request.payload);
const dlmsCodes = messageCodes.filter(({ encodings }) => encodings.command?.includes('dlms'));

describe('the catalogue of DLMS commands', () => {
  it('has every message code whose command is an access-request', () => {
    const codes = dlmsUseCases.map(({ code }) => code.code).sort((a, b) => a - b);
    expect(codes).toEqual(dlmsCodes.map(({ code }) => code));
    expect(codes).toHaveLength(120);
  });

  it('names its use cases as the table of message codes does', () => {
    for (const { name, code } of dlmsUseCases) expect(name).toBe(code.useCase);
  });
});

describe.skipIf(!rtdsAvailable)('RTDS DLMS commands', () => {
  it('are all rebuilt from the parameters that they hold', () => {
    const covered = new Set<number>();
    for (const official of commands) {
      const command = named(official);
      expect(command, official.name).toBeDefined();
      const { useCase, parameters } = command as NonNullable<typeof command>;
      const check = checkParameters(useCase, parameters);
      expect(check, official.name).toEqual({ ok: true, parameters });
      const payload = commandPayload(useCase, parameters, official.header);
      const made = encodePayload(payload, official.messageCode, 'command');
      expect(toHex(made), official.name).toBe(toHex(official.content));
      covered.add(official.messageCode);
    }
    expect(commands.length).toBeGreaterThanOrEqual(277);
    expect(dlmsCodes.filter(({ code }) => !covered.has(code))).toEqual([]);
  });

  it('are rebuilt from parameters that went through the text of a command line', () => {
    for (const official of commands) {
      const { useCase, parameters } = named(official) as NonNullable<ReturnType<typeof named>>;
      const text = Object.entries(parameters).map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]);
      expect(checkParameters(useCase, Object.fromEntries(text)), official.name).toEqual({
        ok: true,
        parameters,
      });
    }
  });

  it('name the parameters as the standard means them (duis-to-gbcs.md 2, 10, 13)', () => {
    expect(parametersOf('ECS70_6.11_SUCCESS_COMMAND')).toEqual({
      from: '2014-12-31T23:59:10Z',
      to: '2015-01-01T00:00:10Z',
    });
    expect(parametersOf('ECS47Deactivate_7.6_SUCCESS_COMMAND')).toEqual({
      controller: 3,
      state: 'off',
      minutes: 60,
    });
    expect(parametersOf('ECS47e_7.16_APC_INPUT_SUCCESS_COMMAND')).toEqual({
      controller: 3,
      direction: 'input',
      level: 50,
      from: '2015-01-03T00:00:00Z',
      to: '2015-01-03T01:00:00Z',
    });
    expect(parametersOf('ECS25a1_6.22_SUCCESS_COMMAND')).toEqual({
      behaviours: { '810D': true, '8119': false, '8168': false },
    });
    expect(parametersOf('ECS03_1.6_FUTURE_DATED_TWIN_SUCCESS_COMMAND')).toEqual({
      disablementThreshold: 556677,
      suspendDebtDisabled: true,
      suspendDebtEmergency: false,
      twin: true,
      at: '2030-01-15T09:00:00Z',
    });
    expect(parametersOf('ECS08_2.1_CANCELLATION_SUCCESS_COMMAND')).toMatchObject({
      maxMeterBalance: 5_000_000,
      debtRecoveryRateCap: 30,
      debtRecoveryRateCapPeriod: 604_800,
      specialDays: expect.arrayContaining([{ date: '*-08-25', day: 2 }]),
      at: 'never',
    });
  });

  it('are not taken for what they are not, whichever bit is flipped', () => {
    let notDecoded = 0;
    let notNamed = 0;
    for (const official of commands) {
      const { messageCode, header } = official;
      for (let at = 6; at < official.content.length; at += 97) {
        const content = official.content.slice();
        content[at] = (content[at] as number) ^ (1 << (at % 8));
        let payload: ReturnType<typeof decodePayload>;
        try {
          payload = decodePayload(content, messageCode, 'command');
        } catch (error) {
          expect((error as Error).name).toBe('CodecError');
          notDecoded++;
          continue;
        }
        const command = commandParameters(messageCode, payload);
        if (command === undefined) notNamed++;
        else expect(isMadeBy(command, official.content, header)).toBe(false);
      }
    }
    expect(notDecoded).toBeGreaterThan(100);
    expect(notNamed).toBeGreaterThan(100);
  });
});

describe('DLMS commands from a command line', () => {
  it('a flat tariff takes a price and a standing charge', () => {
    const made = toHex(contentOf('ECS01a', { touPrices: '2121', standingCharge: '20000' }));
    // Price of the first time of use, and of the second, which is not given.
    expect(made).toContain('02020901011008490202090102100000');
    // Standing charge with its scale of -5; activation at once.
    expect(made).toContain('0f000ffb02031200000906000000000000' + '0f00010102020900104e20');
    expect(made).toContain('090c0000000000000000008000ff');
  });

  it('structured parameters are JSON, plain lists are separated by commas', () => {
    const labels = '[{"controller":2,"label":"Immersion"}]';
    expect(toHex(contentOf('ECS46a', { labels }))).toBe(
      `d9200003e8000102000100005e2c000c02010a09${toHex(Buffer.from('Immersion'))}`,
    );
    const mpans = '1312345678111,1312345678222';
    const digits = toHex(Buffer.from(mpans.replace(',', '')));
    expect(toHex(contentOf('ECS39a', { mpans })).endsWith(`01091a${digits}`)).toBe(true);
  });

  it('says what is wrong, with the name of the parameter', () => {
    const problems = (name: string, given: Readonly<Record<string, unknown>>) => {
      const check = checkParameters(commandUseCase(name) as CommandUseCase, given);
      return check.ok ? [] : check.problems;
    };
    expect(problems('ECS46a', { labels: '[{"controller":6,"label":"x"}]' })).toEqual([
      expect.stringContaining('parameter labels.0.controller'),
    ]);
    expect(problems('ECS46a', { labels: '[{' })).toEqual([
      expect.stringContaining('parameter labels'),
    ]);
    expect(problems('ECS25a', { behaviours: '{"8003":true}' })).toHaveLength(1);
    expect(problems('ECS01a', { at: 'tomorrow' })).toEqual([
      expect.stringContaining('want now, never or a UTC time'),
    ]);
    expect(problems('ECS01a', { specialDays: '[{"date":"*-13-01","day":1}]' })).toHaveLength(1);
    expect(problems('ECS04a', {})).toEqual(['parameter adjust is missing']);
    expect(problems('ECS34', { medium: '1', high: '2', low: '0' })).toEqual([
      'unknown parameter low',
    ]);
  });

  it('a switch that is set for a time needs the time', () => {
    const controller = 1;
    expect(() => contentOf('ECS47', { controller, state: 'on' })).toThrow(/minutes/);
    expect(() => contentOf('ECS47', { controller, state: 'calendar' })).not.toThrow();
  });
});
