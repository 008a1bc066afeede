import { describe, expect, it } from 'vitest';
import type { Asn1Payload } from '../../../../protocols/asn1/structures.js';
import { asn1MessageCodes } from '../../../../protocols/asn1/structures.js';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { encodePayload } from '../../../../protocols/gbcs/payload.js';
import {
  checkParameters,
  commandPayload,
  commandUseCase,
  commandUseCases,
} from '../../../../protocols/gbcs/use-cases/catalogue.js';
import { loadRtdsKeys, rtdsAvailable } from '../../../support/rtds.js';
import { type RebuiltCommand, rebuildRtdsCommands } from '../../../support/rtds-commands.js';

const header = {
  originator: eui64('90b3d51f30010000'),
  recipient: eui64('00db1234567890a0'),
  originatorCounter: 1000n,
  nowMs: 0,
};

function make(name: string, given: Readonly<Record<string, unknown>>) {
  const useCase = commandUseCase(name);
  if (useCase === undefined) throw new Error(`no use case ${name}`);
  const check = checkParameters(useCase, given);
  if (!check.ok) throw new Error(check.problems.join('; '));
  const payload = commandPayload(useCase, check.parameters, header) as Asn1Payload;
  return { payload, hex: toHex(encodePayload(payload, useCase.code.code, 'command')) };
}

describe('requests of security use cases', () => {
  it('are there for every message code with an ASN.1 command', () => {
    const made = new Set(commandUseCases.map(({ code }) => code.code));
    const wanted = asn1MessageCodes().filter(([, craFlag]) => craFlag === 'command');
    expect(wanted).toHaveLength(28);
    expect(wanted.filter(([code]) => !made.has(code))).toEqual([]);
  });

  it('have the bytes of asn1.md and duis-to-gbcs.md', () => {
    const clock = { from: '2014-12-31T23:30:00Z', to: '2015-01-01T00:30:00Z' };
    expect(make('GCS28', clock).hex).toBe(
      `3022180f${Buffer.from('20141231233000Z').toString('hex')}180f${Buffer.from(
        '20150101003000Z',
      ).toString('hex')}`,
    );
    const join = { otherDevice: '00-DB-12-34-56-78-90-9A', otherDeviceType: 'hCALCS' };
    expect(make('CS03A1', join).hex).toBe('3010020100040800db12345678909a020104');
    expect(make('CS04B', { otherDevice: '0102030405060708' }).hex).toBe('04080102030405060708');
    expect(make('CS02c', { keyUsage: 'digitalSignature' }).hex).toBe('300403020780');
    expect(make('CS07', {}).hex).toBe('0500');
  });

  it('leave out what is at once, and say never', () => {
    const imageHash = 'ab'.repeat(32);
    expect(make('CS06', { imageHash }).hex).toBe(`30260420${imageHash}020203e8`);
    expect(make('CS06', { imageHash, executionDateTime: 'never' }).payload.value).toMatchObject({
      originatorCounter: '1000',
      executionDateTime: '99991231235959Z',
    });
  });

  it('refuse what is no certificate', () => {
    expect(() => make('CS02d', { certificate: 'zz' })).toThrow(/certificate/);
    expect(() => make('CS02d', { certificate: '3000' })).toThrow(CodecError);
    expect(() => make('CS02d', {})).toThrow('parameter certificate is missing');
  });

  it.skipIf(!rtdsAvailable)('replace credentials in every mode', () => {
    const der = Buffer.from(loadRtdsKeys()[0]?.certificate as string, 'base64').toString('hex');
    const given = {
      replacements: [{ certificate: der, role: 'supplier', keyUsage: 'keyAgreement' }],
      certificationPath: [der],
      floor: 5,
      topUpFloor: '18446744073709551615',
      otherFloors: [{ role: 'networkOperator', counter: 7 }],
    };
    const modes = commandUseCases.filter(({ code }) => /^CS02[bg]$/.test(code.useCase));
    expect(modes).toHaveLength(12);
    for (const { name } of modes) {
      const { payload, hex } = make(name, given);
      expect(hex, name).toContain(der);
      const value = payload.value as { authorisingRemotePartyControl: object };
      expect(value.authorisingRemotePartyControl).toMatchObject({
        authorisingRemotePartySeqNumber: '1000',
        newRemotePartyFloorSeqNumber: '5',
        otherRemotePartySeqNumberChanges: [
          { otherRemotePartyRole: 'networkOperator', otherRemotePartyFloorSeqNumber: '7' },
        ],
      });
    }
  });
});

describe.skipIf(!rtdsAvailable)('official ASN.1 commands', () => {
  const commands: readonly RebuiltCommand[] = rtdsAvailable ? rebuildRtdsCommands('asn1') : [];

  it('are made again from their parameters, byte for byte', () => {
    for (const { file, official, rebuilt } of commands) expect(rebuilt, file).toBe(official);
    expect(commands).toHaveLength(79);
  });

  it('cover every request but the modes that no official command has', () => {
    const covered = new Set(commands.map(({ name }) => name));
    const requests = commandUseCases.filter(({ request }) => 'asn1' in request.payload);
    expect(requests).toHaveLength(28);
    expect(requests.filter(({ name }) => !covered.has(name)).map(({ name }) => name)).toEqual([
      'CS02bRootBySupplier',
      'CS02bRootByWanProvider',
      'CS02bAnyByContingency',
    ]);
  });
});
