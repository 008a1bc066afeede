import { describe, expect, it } from 'vitest';
import { decodeDlmsApdu } from '../../../protocols/dlms/apdu.js';
import type { AccessRequest, AccessResponse } from '../../../protocols/dlms/apdu-types.js';
import {
  cosemClass,
  cosemMembers,
  keyOfInstance,
  lookup,
} from '../../../protocols/dlms/cosem/dictionary.js';
import { obisText, parseObis } from '../../../protocols/dlms/obis.js';
import { resultCodes, resultName } from '../../../protocols/dlms/result-codes.js';
import { checkShape } from '../../../protocols/dlms/shape.js';
import { rtdsAvailable } from '../../support/rtds.js';
import { loadDlmsPayloads, pairsOf } from './rtds-payloads.js';

const memberOf = (item: AccessRequest['items'][number]) =>
  lookup(
    item.classId,
    keyOfInstance(item.instanceId) as number,
    item.memberId,
    item.request === 'action' ? 'method' : 'attribute',
  );

describe('COSEM dictionary (dlms.md 5)', () => {
  it('holds 321 members, 315 of them named, none twice', () => {
    expect(cosemMembers).toHaveLength(321);
    expect(cosemMembers.filter(({ name }) => name !== undefined)).toHaveLength(315);
    const keys = cosemMembers.map((m) => `${m.classId} ${m.instanceId} ${m.kind} ${m.memberId}`);
    expect(new Set(keys).size).toBe(321);
    expect(cosemMembers.filter((m) => m.className === '' || m.memberName === '')).toEqual([]);
    for (const member of cosemMembers) {
      expect(member.shape).not.toMatch(/\$|undefined|\?/);
      expect(lookup(member.classId, member.obisKey, member.memberId, member.kind)).toBe(member);
      expect(obisText(member.obisKey)).toBe(member.instanceId);
    }
  });

  it('finds the supply state, and tells attributes from methods', () => {
    const key = 0x0000_6003_0aff;
    expect(lookup(70, key, 3, 'attribute')).toEqual({
      classId: 70,
      className: 'Disconnect control',
      obisKey: key,
      instanceId: '0-0:96.3.10.255',
      kind: 'attribute',
      memberId: 3,
      memberName: 'control_state',
      name: 'SupplyState: value.output_state',
      shape: 'enum',
      devices: ['esme'],
      useCases: { get: ['ECS45'] },
    });
    expect(lookup(70, key, 3, 'method')).toBeUndefined();
    expect(lookup(71, key, 3, 'attribute')).toBeUndefined();
    expect(lookup(113, keyOfInstance('0-0:19.20.1.255') as number, 4, 'method')?.memberName).toBe(
      'update_total_amount_remaining',
    );
    expect(cosemClass(9000)?.attributes.get(6)).toBe('activate_passive_value_time');
    expect(cosemClass(2)).toBeUndefined();
  });

  it('reads OBIS codes in one form only', () => {
    expect(parseObis('255-255:255.255.255.255')).toBe(2 ** 48 - 1);
    expect(obisText(2 ** 48 - 1)).toBe('255-255:255.255.255.255');
    expect(obisText(0)).toBe('0-0:0.0.0.0');
    for (const text of ['', '0-0:1.0.0', '0-0:1.0.0.256', '0-0:01.0.0.255', ' 0-0:1.0.0.255', 5]) {
      expect(parseObis(text)).toBeUndefined();
    }
  });

  it('names results by kind', () => {
    expect(resultName('get', 15)).toBe('long-get-aborted');
    expect(resultName('action', 15)).toBe('long-action-aborted');
    expect(resultName('action', 17)).toBeUndefined();
    expect(resultName('set', 5)).toBeUndefined();
    expect(resultCodes['other-reason']).toBe(250);
  });
});

describe.skipIf(!rtdsAvailable)('COSEM dictionary against the official data', () => {
  const payloads = rtdsAvailable ? loadDlmsPayloads() : [];

  it('knows every member that a request reaches, for that use case', () => {
    let items = 0;
    const unknown: string[] = [];
    for (const { entry, content } of payloads) {
      const apdu = decodeDlmsApdu(content);
      if (apdu.kind !== 'access-request') continue;
      for (const item of apdu.items) {
        const member = memberOf(item);
        items++;
        if (member === undefined) unknown.push(`${entry.file} ${item.classId} ${item.instanceId}`);
        expect(item.instanceId).toBe(member?.instanceId);
        expect(item.name).toBe(member?.name);
      }
    }
    expect(unknown).toEqual([]);
    expect(items).toBeGreaterThan(1000);
  });

  it('gives the shape of every value that is set, passed to a method or read', () => {
    const misses: string[] = [];
    const checked = { set: 0, action: 0, get: 0 };
    for (const { entry, content } of payloads) {
      const apdu = decodeDlmsApdu(content);
      if (apdu.kind !== 'access-request') continue;
      for (const item of apdu.items) {
        if (item.request !== 'set' && item.request !== 'action') continue;
        const miss = checkShape(item.data, memberOf(item)?.shape ?? '');
        checked[item.request]++;
        if (miss !== undefined) misses.push(`${entry.file} ${item.name}: ${JSON.stringify(miss)}`);
      }
    }
    for (const [command, response] of pairsOf(payloads)) {
      const { items } = decodeDlmsApdu(command.content) as AccessRequest;
      const answers = (decodeDlmsApdu(response.content) as AccessResponse).items;
      expect(answers).toHaveLength(items.length);
      for (const [i, answer] of answers.entries()) {
        const item = items[i] as AccessRequest['items'][number];
        if (answer.response !== 'get' || answer.result !== 0) continue;
        const miss = checkShape(answer.data, memberOf(item)?.shape ?? '');
        checked.get++;
        if (miss !== undefined)
          misses.push(`${response.entry.file} ${item.name}: ${JSON.stringify(miss)}`);
      }
    }
    expect(misses).toEqual([]);
    expect(Math.min(...Object.values(checked))).toBeGreaterThan(100);
  });
});
