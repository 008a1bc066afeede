import { describe, expect, it } from 'vitest';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import type { GbzMessage } from '../../../../protocols/gbcs/gbz-types.js';
import { encodePayload } from '../../../../protocols/gbcs/payload.js';
import {
  checkParameters,
  commandPayload,
  commandUseCase,
  commandUseCases,
} from '../../../../protocols/gbcs/use-cases/catalogue.js';
import { commandParameters } from '../../../../protocols/gbcs/use-cases/command-parameters.js';
import { gasRequests } from '../../../../protocols/gbcs/use-cases/gas-requests.js';
import { messageCodes } from '../../../../protocols/gbcs/use-cases/use-case.js';
import { rtdsAvailable } from '../../../support/rtds.js';
import { type RebuiltCommand, rebuildRtdsCommands } from '../../../support/rtds-commands.js';

const header = {
  originator: eui64('90b3d51f30010000'),
  recipient: eui64('00db1234567890a1'),
  originatorCounter: 1000n,
  nowMs: Date.UTC(2026, 10, 22),
};

function useCaseNamed(name: string) {
  const useCase = commandUseCase(name);
  if (useCase === undefined) throw new Error(`no use case ${name}`);
  return useCase;
}

/** The payload that parameters make once they have passed their check. */
function make(name: string, given: Readonly<Record<string, unknown>>): GbzMessage {
  const useCase = useCaseNamed(name);
  const check = checkParameters(useCase, given);
  if (!check.ok) throw new Error(check.problems.join('; '));
  return commandPayload(useCase, check.parameters, header) as GbzMessage;
}

function problems(name: string, given: Readonly<Record<string, unknown>>): readonly string[] {
  const check = checkParameters(useCaseNamed(name), given);
  return check.ok ? [] : check.problems;
}

const tariff = {
  dayProfiles: [{ id: 1, entries: [{ time: '07:30', priceTier: 2 }, { priceTier: 1 }] }],
  weekProfiles: [
    { id: 1, monday: 1, tuesday: 1, wednesday: 1, thursday: 1, friday: 1, saturday: 1, sunday: 1 },
  ],
  seasons: [{ start: '*-01-01', weekProfile: 1 }],
  scheme: 'timeOfUse',
  standingCharge: 27000,
  prices: [9000, 10000],
};

describe('requests of gas use cases', () => {
  it('are there for every message code with a GBZ command', () => {
    const made = new Set(commandUseCases.map(({ code }) => code.code));
    const wanted = messageCodes.filter(({ encodings }) => encodings.command?.includes('gbz'));
    expect(wanted).toHaveLength(59);
    expect(wanted.filter(({ code }) => !made.has(code)).map(({ useCase }) => useCase)).toEqual([]);
    for (const [name, { messageCode }] of Object.entries(gasRequests)) {
      expect(messageCodes.find(({ code }) => code === messageCode)?.useCase).toBe(name);
    }
  });

  it('describe every parameter for people', () => {
    for (const { name, request } of commandUseCases) {
      for (const [parameter, schema] of Object.entries(request.parameters.shape)) {
        expect(schema.description, `${name} ${parameter}`).toMatch(/\w/);
      }
    }
  });

  it('take text from a command line', () => {
    const given = {
      ...tariff,
      dayProfiles: JSON.stringify(tariff.dayProfiles),
      prices: '9000,10000',
    };
    expect(make('GCS01a', given)).toEqual(make('GCS01a', tariff));
    expect(make('gcs17', { from: '2026-01-01T00:00:00Z', samples: '48' }).components).toMatchObject(
      [{ fields: { earliestSampleTime: 820_540_800, numberOfSamples: 48 } }],
    );
  });

  it('say when, and how never is said to each cluster (gbz.md 3)', () => {
    const times = (executionDateTime?: string) => {
      const when = executionDateTime === undefined ? {} : { executionDateTime };
      const { components } = make('GCS01a', { ...tariff, ...when });
      return components.flatMap(({ command: _, fields }) => fields?.startTime ?? []);
    };
    expect(times()).toEqual([0, 0, 0, 0]);
    expect(times('2026-11-22T00:00:00Z')).toEqual(new Array(4).fill(848_620_800));
    const never = 0xffff_ffff;
    expect(times('never')).toEqual([never - 1, never - 1, never, never - 1]);
  });

  it('count what they bring', () => {
    const { components } = make('GCS01a', tariff);
    expect(components.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(components[0]?.fields).toMatchObject({
      issuerEventId: 848_620_800,
      numberOfSeasons: 1,
      numberOfWeekProfiles: 1,
      numberOfDayProfiles: 1,
    });
    expect(components[1]?.fields).toMatchObject({
      totalNumberOfScheduleEntries: 2,
      scheduleEntries: [
        { startTimeMinutes: 450, priceTier: 2 },
        { startTimeMinutes: 0, priceTier: 1 },
      ],
    });
    expect(components[5]?.fields).toMatchObject({ numberOfPriceTiersInUse: 2, currency: 826 });
    const block = make('GCS01a', { ...tariff, scheme: 'block', thresholds: [5000] });
    expect(block.components.slice(5)).toMatchObject([
      { fields: { numberOfPriceTiersInUse: 0, numberOfBlockThresholdsInUse: 1 } },
      { fields: { tiers: [{ tierNumberOfBlockThresholds: 1, blockThresholds: [5000] }] } },
      { fields: { prices: [{ tierBlockId: 0 }, { tierBlockId: 1 }] } },
    ]);
    expect(() => make('GCS01a', { ...tariff, scheme: 'block' })).toThrow(/thresholds/);
  });

  it('take decimals without loss', () => {
    const given = { conversionFactor: '1.02264', calorificValue: 39.9 };
    expect(make('GCS23', given).components).toMatchObject([
      { fields: { conversionFactor: 102_264 } },
      { fields: { calorificValue: 399 } },
    ]);
    expect(() => make('GCS23', { ...given, calorificValue: 39.99 })).toThrow(
      /no multiple of 1\/10/,
    );
  });

  it('refuse parameters that are missing, unknown or out of range', () => {
    expect(problems('GCS36', {})).toEqual(['parameter number is missing']);
    expect(problems('GCS36', { number: '12345' })).toHaveLength(1);
    expect(problems('GCS13a', { from: 'x' })).toEqual(['unknown parameter from']);
    expect(problems('CS01b', { utrn: '123' })).toHaveLength(1);
    expect(problems('GCS17', { from: 'yesterday', samples: 0 })).toHaveLength(2);
    expect(problems('GCS25', { start: '2026-01-01T00:00:00Z', periodicity: 'never' })).toHaveLength(
      1,
    );
    expect(problems('GCS20', { behaviours: [{ alertCodes: ['81G0'] }] }).length).toBeGreaterThan(1);
    expect(
      problems('GCS01a', { ...tariff, seasons: [{ start: '22/11', weekProfile: 1 }] }),
    ).toEqual([expect.stringContaining('parameter seasons.0.start')]);
  });

  it('are not recognised in a payload that says anything else', () => {
    const code = useCaseNamed('GCS01a').code.code;
    const payload = make('GCS01a', tariff);
    expect(commandParameters(code, payload)?.parameters).toMatchObject({ scheme: 'timeOfUse' });
    const changed = (at: number, fields: object): GbzMessage => ({
      ...payload,
      components: payload.components.map((component, index) =>
        index === at
          ? ({ ...component, fields: { ...component.fields, ...fields } } as typeof component)
          : component,
      ),
    });
    expect(commandParameters(code, changed(0, { numberOfSeasons: 2 }))).toBeUndefined();
    expect(commandParameters(code, changed(0, { calendarType: 3 }))).toBeUndefined();
    expect(commandParameters(code, changed(0, { startTime: 5 }))).toBeUndefined();
    expect(
      commandParameters(code, { ...payload, components: payload.components.slice(0, -1) }),
    ).toBeUndefined();
    expect(encodePayload(payload, code, 'command').length).toBeGreaterThan(100);
  });
});

describe.skipIf(!rtdsAvailable)('official GBZ commands', () => {
  const commands: readonly RebuiltCommand[] = rtdsAvailable ? rebuildRtdsCommands('gbz') : [];

  it('are made again from their parameters, byte for byte', () => {
    for (const { file, official, rebuilt } of commands) expect(rebuilt, file).toBe(official);
    expect(commands).toHaveLength(145);
  });

  it('cover every request', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(59);
  });

  it('give parameters in an engineer’s words', () => {
    const of = (file: string) => commands.find((one) => one.file.startsWith(file))?.parameters;
    expect(of('GCS20_6.22_SUCCESS')?.behaviours).toContainEqual({
      alertCodes: ['81AA', '81AB', '81C4'],
      wan: true,
      han: true,
      alarm: true,
      log: true,
    });
    expect(of('GCS25a_6.8_SUCCESS')).toEqual({
      start: '2015-01-01T00:00:00Z',
      periodicity: 'half-yearly',
    });
    expect(of('GCS15e_4.4.5')).toEqual({ from: '2014-12-01T00:00:00Z', to: 'never' });
  });
});
