import { beforeEach, describe, expect, it } from 'vitest';
import type { UnsolicitedMessage } from '../../../emulator/dcc/command-outcome.js';
import { commission, type DeviceToAdmit } from '../../../emulator/dcc/commissioning.js';
import { HeadEnd } from '../../../emulator/dcc/head-end.js';
import { Inventory } from '../../../emulator/dcc/inventory.js';
import { alertEvent } from '../../../emulator/dcc/unsolicited.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { trustAnchorCellsOf } from '../../../emulator/functions/trust-anchor-cells.js';
import { UsageError } from '../../../emulator/ports/errors.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { SeededRandom } from '../../../emulator/sim/seeded-random.js';
import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import {
  installCodeLinkKey,
  installCodeOf,
} from '../../../protocols/zigbee/security/install-code.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';
import { type TestHub, testHub } from '../devices/chf/hub.js';

const crypto = nodeCryptoForTests();
const pki = new TestPki({ seed: 'commissioning', crypto });
const startMs = Date.UTC(2026, 10, 22);
const hub = eui64('00db1000000001a2');
const gpf = eui64('00db1000000001a3');
const esme = eui64('00db1000000001a0');
const gsme = eui64('00db1000000001a1');
const ihd = eui64('00db1000000001a7');
const cad = eui64('00db1000000001a8');

const toAdmit = (device: Eui64, type: DeviceToAdmit['type']): DeviceToAdmit => ({
  device,
  type,
  installCode: pki.installCodeOf(device),
});

/** A head end and a hub with an empty log, with nothing but a wire between them. */
function setUp(): {
  headEnd: HeadEnd;
  made: TestHub;
  unsolicited: UnsolicitedMessage[];
  infos: object[];
} {
  const infos: object[] = [];
  const log = {
    debug: () => undefined,
    info: (detail: object) => infos.push(detail),
    warn: (detail: object) => infos.push(detail),
    error: () => undefined,
  };
  const anchors = trustAnchorCellsOf('chf', pki.trustAnchors());
  const made = testHub(
    hub,
    startMs,
    (host) => ({
      entity: hub,
      host,
      crypto,
      keys: pki.keysOf(hub),
      trustAnchors: anchors,
      store: new MemoryStore(),
      counterGranularity: 'perRole',
      random: new SeededRandom('hub').stream('hub'),
      household: 1,
    }),
    { gpf },
  );
  const unsolicited: UnsolicitedMessage[] = [];
  const headEnd = new HeadEnd({
    clock: made.home.clock,
    crypto,
    keys: pki,
    publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
    store: new MemoryStore(),
    wan: {
      send: (_hub, message) => {
        made.chf.receiveMessage(message);
        for (const answer of made.sent()) headEnd.onMessage(hub, answer);
      },
    },
    parties: pki.parties,
    inventory: new Inventory([{ device: hub, type: 'chf', hub, home: 'home-1' }]),
    log,
    onUnsolicited: (message) => unsolicited.push(message),
  });
  return { headEnd, made, unsolicited, infos };
}

describe('commissioning', () => {
  let setup: ReturnType<typeof setUp>;
  beforeEach(() => {
    setup = setUp();
  });

  it('puts the devices of a home into the log of its hub, in order', async () => {
    const { headEnd, made } = setup;
    const devices = [
      toAdmit(hub, 'chf'),
      toAdmit(gpf, 'gpf'),
      toAdmit(esme, 'esme'),
      toAdmit(gsme, 'gsme'),
      toAdmit(cad, 'cad'),
      toAdmit(ihd, 'ihd'),
    ];
    const outcome = await commission(headEnd, { hub, devices, joiningSeconds: 600 });
    expect(outcome.admitted).toBe(true);
    expect(outcome.outcomes.map(({ useCase, verdict }) => `${useCase} ${verdict}`)).toEqual(
      Array.from({ length: 4 }, () => 'CCS01 answered'),
    );
    const log = made.chf.deviceLog;
    expect(log.list().map(({ entity, typeCode }) => [entity, typeCode])).toEqual([
      [esme, 0],
      [gsme, 1],
      [cad, 130],
      [ihd, 128],
    ]);
    const key = installCodeLinkKey(crypto, installCodeOf(pki.installCodeOf(gsme)));
    expect(log.joiningKeys(gsme, startMs + 599_999)).toEqual([key]);
    expect(log.joiningOpen(startMs + 600_000)).toBe(false);
  });

  it('every change of the log is told by an alert, which the head end verifies', async () => {
    const { headEnd, made, unsolicited, infos } = setup;
    await commission(headEnd, { hub, devices: [toAdmit(esme, 'esme'), toAdmit(gsme, 'gsme')] });
    made.chf.deviceLog.joined(esme, pki.linkKeyOf(hub, esme), startMs);
    for (const message of made.sent()) headEnd.onMessage(hub, message);
    await headEnd.send({ useCase: 'CCS02', device: hub, parameters: { device: gsme } });
    expect(unsolicited).toHaveLength(4);
    unsolicited.forEach((alert, index) => {
      expect(alert).toMatchObject({
        kind: 'alert',
        device: hub,
        recipient: '90b3d51f30000002',
        messageCode: '0x0018',
        alertCode: '0x8f12',
        originatorCounter: String(index + 1),
        checks: { mac: 'valid', signature: 'absent' },
      });
      expect(alert.problem).toBeUndefined();
      expect(alertEvent(alert)).toEqual({
        messageCode: '0x0018',
        alertCode: '0x8f12',
        title: 'CHF Device Log Changed',
        originatorCounter: String(index + 1),
        recipient: '90b3d51f30000002',
        verified: true,
      });
    });
    expect(headEnd.totals()).toMatchObject({ alerts: 4, errors: 0, unexpected: 0 });
    expect(infos).toHaveLength(4);
    const range = { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' };
    const read = await headEnd.send({ useCase: 'ECS35d', device: hub, parameters: range });
    expect(read.succeeded).toBe(true);
    expect(JSON.stringify(read.response).match(/36626/g)).toHaveLength(4);
    // Hash of nobody, of nobody, of the one that joined, and of that one alone.
    const devices = unsolicited.map(({ payload }) =>
      JSON.stringify(payload).match(/"[0-9a-f]{32}"/g),
    );
    expect(devices.map((hashes) => hashes?.length ?? 0)).toEqual([0, 0, 1, 1]);
  });

  it('an alert with a wrong octet is counted as an error and says what is wrong', async () => {
    const { headEnd, made, unsolicited } = setup;
    made.chf.deviceLog.restore({ hanIdentifier: gpf, devices: [] });
    const [alert] = made.sent() as [Uint8Array];
    const forged = alert.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    headEnd.onMessage(hub, forged);
    expect(unsolicited[0]).toMatchObject({ kind: 'alert', problem: 'the MAC is not valid' });
    expect(alertEvent(unsolicited[0] as UnsolicitedMessage)).toMatchObject({ verified: false });
    expect(headEnd.totals()).toMatchObject({ alerts: 1, errors: 1 });
  });

  it('says which device did not get in, and goes on with the others', async () => {
    const { headEnd, made } = setup;
    for (let number = 1; number < 16; number++) {
      made.chf.deviceLog.add(eui64(number.toString(16).padStart(16, '0')), 0, new Uint8Array(16));
    }
    const devices = [toAdmit(esme, 'esme'), toAdmit(gsme, 'gsme')];
    const { admitted, outcomes } = await commission(headEnd, { hub, devices });
    expect(admitted).toBe(false);
    expect(outcomes.map(({ succeeded }) => succeeded)).toEqual([true, false]);
    expect(outcomes[1]?.values.map(({ result }) => result)).toEqual([
      'other-reason',
      'other-reason',
      'other-reason',
    ]);
  });

  it('sends nothing for a home with a device that no log can name', async () => {
    const { headEnd } = setup;
    const devices = [toAdmit(esme, 'esme'), toAdmit(ihd, 'sapc')];
    await expect(commission(headEnd, { hub, devices })).rejects.toThrow(UsageError);
    expect(headEnd.totals().commands).toBe(0);
  });

  it.each([
    [
      'a window that is too long',
      { joiningSeconds: 3601 },
      ['success', 'other-reason', 'other-reason'],
    ],
    ['no joining at all', { allowJoining: false }, ['success', 'success', 'success']],
  ] as const)('CCS01 with %s opens nothing', async (_what, more, results) => {
    const { headEnd, made } = setup;
    const parameters = { device: esme, installCode: toHex(pki.installCodeOf(esme)), ...more };
    const outcome = await headEnd.send({ useCase: 'CCS01', device: hub, parameters });
    expect(outcome.values.map(({ result }) => result)).toEqual(results);
    expect(made.chf.deviceLog.joiningOpen(startMs)).toBe(false);
    expect(made.chf.deviceLog.isWhitelisted(esme)).toBe(true);
  });

  it('nobody but the broker changes or reads the log', async () => {
    const { headEnd, made } = setup;
    const parameters = { device: esme };
    for (const originator of ['wanProvider', 'supplier'] as const) {
      const request = { device: hub, originator, unchecked: true, timeoutMs: 1000 } as const;
      for (const [useCase, given] of [
        ['CCS02', parameters],
        ['CCS07', {}],
      ] as const) {
        const sent = headEnd.send({ ...request, useCase, parameters: given });
        made.home.clock.advance(1000);
        expect((await sent).verdict, `${useCase} ${originator}`).toBe('timeout');
      }
    }
    const reasons = made.home.eventsNamed('command-refused').map(({ detail }) => detail.reason);
    expect(reasons).toEqual([
      'roleNotAllowed',
      'roleNotAllowed',
      'unknownOriginator',
      'unknownOriginator',
    ]);
  });

  it('routes to devices of the log and to its own gas proxy function, and hears only those', () => {
    const { headEnd, made } = setup;
    headEnd.inventory.put({ device: gpf, type: 'gpf', hub, home: 'home-1' });
    headEnd.inventory.put({ device: esme, type: 'esme', hub, home: 'home-1' });
    headEnd.issue({ useCase: 'GCS13a', device: gpf });
    headEnd.issue({ useCase: 'ECS45', device: esme });
    expect(made.delivered.map(({ to }) => to)).toEqual([gpf]);
    expect(made.home.eventsNamed('message-undeliverable').map(({ detail }) => detail)).toEqual([
      { entity: esme, reason: 'not-in-device-log' },
    ]);
    made.chf.deviceLog.add(esme, 0, pki.installCodeOf(esme));
    expect(made.sent()).toHaveLength(1);
    headEnd.issue({ useCase: 'ECS45', device: esme });
    expect(made.delivered.map(({ to }) => to)).toEqual([gpf, esme]);
    const message = Uint8Array.of(1);
    for (const from of [gpf, esme, ihd]) made.chf.forward(from, message);
    expect(made.sent()).toEqual([message, message]);
  });

  it('derives an install code of its own for every device, and a link key for every pair', () => {
    const again = new TestPki({ seed: 'commissioning', crypto });
    expect(again.installCodeOf(esme)).toEqual(pki.installCodeOf(esme));
    expect(again.linkKeyOf(hub, esme)).toEqual(pki.linkKeyOf(hub, esme));
    const other = new TestPki({ seed: 'another', crypto });
    const secrets = [
      pki.installCodeOf(esme),
      pki.installCodeOf(gsme),
      other.installCodeOf(esme),
      pki.linkKeyOf(hub, esme),
      pki.linkKeyOf(hub, gsme),
      pki.linkKeyOf(esme, hub),
    ];
    expect(new Set(secrets.map((secret) => toHex(secret))).size).toBe(secrets.length);
    expect(secrets.every((secret) => secret.length === 16)).toBe(true);
  });

  it('answers before it tells', async () => {
    const { headEnd, made } = setup;
    const order: string[] = [];
    const seen = made.home.messages;
    await headEnd.send({
      useCase: 'CCS01',
      device: hub,
      parameters: { device: esme, installCode: toHex(pki.installCodeOf(esme)) },
    });
    for (const { message } of seen) order.push(decodeGbcsMessage(message).header.craFlag);
    expect(order).toEqual(['response', 'alert']);
  });
});
