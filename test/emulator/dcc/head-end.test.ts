import { beforeEach, describe, expect, it } from 'vitest';
import { NodeCrypto } from '../../../emulator/adapters/node-crypto.js';
import type { CommandOutcome, UnsolicitedMessage } from '../../../emulator/dcc/command-outcome.js';
import { HeadEnd, type HeadEndLimits } from '../../../emulator/dcc/head-end.js';
import { Inventory } from '../../../emulator/dcc/inventory.js';
import type { HubState } from '../../../emulator/dcc/wan-port.js';
import type { GbcsEndpoint } from '../../../emulator/functions/gbcs-endpoint.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { UsageError } from '../../../emulator/ports/errors.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { VirtualClock } from '../../../emulator/sim/virtual-clock.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { echoDevice } from './echo-device.js';

const startMs = Date.UTC(2026, 10, 22);
const crypto = new NodeCrypto();
const pki = new TestPki({ seed: 'head end tests', crypto });
const hub = eui64('00db000000000001');
const meter = eui64('00db000000000002');
const gasMeter = eui64('00db000000000003');
const supplier = eui64('90b3d51f30010000');
const networkOperator = eui64('90b3d51f30020000');
const broker = eui64('90b3d51f30000002');

/** A head end with one home, whose WAN holds what was sent until the test lets it go. */
function setUp(options: { limits?: Partial<HeadEndLimits>; store?: MemoryStore } = {}) {
  const clock = new VirtualClock(startMs);
  const sent: Uint8Array[] = [];
  const unsolicited: UnsolicitedMessage[] = [];
  const hubs = new Map<string, HubState>();
  const inventory = new Inventory([
    { device: hub, type: 'chf', hub, home: 'home-0001' },
    { device: meter, type: 'esme', hub, home: 'home-0001' },
    { device: gasMeter, type: 'gsme', hub, home: 'home-0001' },
  ]);
  const headEnd = new HeadEnd({
    clock,
    crypto,
    keys: pki,
    publicKeyOf: (entity, usage) => pki.publicKeyOf(entity, usage),
    certificateOf: (entity) => pki.certificateOf(entity, 'keyAgreement'),
    store: options.store ?? new MemoryStore(),
    wan: {
      send: (_hub, message) => sent.push(message),
      hubState: (of) => hubs.get(of) ?? 'unknown',
    },
    parties: pki.parties,
    inventory,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    onUnsolicited: (message) => unsolicited.push(message),
  });
  const device = echoDevice(meter, pki, crypto, () => clock.nowMs());
  return { clock, sent, unsolicited, hubs, headEnd, device };
}

function responseOf(device: GbcsEndpoint, command: Uint8Array): Uint8Array {
  const outcome = device.receive(command);
  if (!outcome.executed) throw new Error(outcome.refusal.detail);
  return outcome.response;
}

describe('HeadEnd', () => {
  let setup: ReturnType<typeof setUp>;
  beforeEach(() => {
    setup = setUp();
  });

  it('gets a MACed command answered', async () => {
    const { headEnd, sent, device, clock } = setup;
    const promise = headEnd.send({ useCase: 'ecs45', device: meter });
    clock.advance(40);
    headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
    const outcome = await promise;
    expect(outcome).toMatchObject({
      useCase: 'ECS45',
      messageCode: '0x0052',
      device: meter,
      hub,
      originator: supplier,
      originatorCounter: String(startMs * 1000),
      verdict: 'answered',
      succeeded: true,
      checks: { signature: 'absent', mac: 'valid', decryption: 'absent' },
      values: [{ classId: 70, instanceId: '0-0:96.3.10.255', memberId: 3, value: 70 }],
      latencyMs: 40,
    });
    expect(headEnd.totals()).toMatchObject({
      commands: 1,
      responses: 1,
      pending: 0,
      macsVerified: 1,
      errors: 0,
      latencyMs: { count: 1, max: 40 },
    });
    expect(clock.pending).toBe(0);
  });

  it('gets a critical command answered with a signature', () => {
    const { headEnd, sent, device } = setup;
    const pending = headEnd.issue({ useCase: 'ECS42', device: meter });
    headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
    expect(pending.outcome).toMatchObject({ verdict: 'answered', checks: { signature: 'valid' } });
    expect(headEnd.totals()).toMatchObject({ signaturesVerified: 1, macsVerified: 0 });
  });

  it('lets the access control broker speak for the supplier where only it may', () => {
    const { headEnd, sent, device } = setup;
    const request = { useCase: 'ECS50', device: meter, parameters: { number: '4711' } };
    const pending = headEnd.issue(request);
    const { header } = decodeGbcsMessage(sent[0] as Uint8Array);
    expect(header.originator).toBe(broker);
    expect(header.otherInformation).toMatchObject({
      supplementaryRemotePartyId: supplier,
      supplementaryRemotePartyCounter: BigInt(startMs) * 1000n,
    });
    headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
    expect(pending.outcome).toMatchObject({ verdict: 'answered', originator: broker });
    headEnd.issue({ ...request, originator: 'networkOperator' });
    const second = decodeGbcsMessage(sent[1] as Uint8Array).header;
    expect(second.otherInformation.supplementaryRemotePartyId).toBe(networkOperator);
  });

  it('lets the broker speak for itself in what the data communications company authors', () => {
    const { headEnd, sent } = setup;
    headEnd.issue({ useCase: 'CS02a', device: gasMeter, parameters: { roles: 'supplier' } });
    const message = decodeGbcsMessage(sent[0] as Uint8Array);
    expect(message.header.originator).toBe(broker);
    expect(message.header.otherInformation.supplementaryRemotePartyId).toBeUndefined();
    expect(message.signature).toBe('none');
    expect(message.mac).toHaveLength(12);
  });

  it('takes the originator that is asked for, by role or by name', () => {
    const { headEnd, sent } = setup;
    headEnd.issue({ useCase: 'ECS17c', device: meter, originator: 'networkOperator' });
    headEnd.issue({ useCase: 'ECS17c', device: meter, originator: networkOperator });
    const originators = sent.map((bytes) => decodeGbcsMessage(bytes).header.originator);
    expect(originators).toEqual([networkOperator, networkOperator]);
  });

  it('correlates responses that come out of order', () => {
    const { headEnd, sent, device } = setup;
    const settled: string[] = [];
    const useCases = ['ECS45', 'ECS17c', 'ECS52', 'ECS45'];
    for (const useCase of useCases) {
      headEnd.issue({ useCase, device: meter }, (outcome) => settled.push(outcome.useCase));
    }
    const responses = sent.map((command) => responseOf(device, command));
    for (const response of responses.reverse()) headEnd.onMessage(hub, response);
    expect(settled).toEqual(['ECS45', 'ECS52', 'ECS17c', 'ECS45']);
    expect(headEnd.totals()).toMatchObject({ pending: 0, responses: 4, errors: 0 });
  });

  it('counts and reports a response that nothing waits for', () => {
    const { headEnd, sent, device, unsolicited } = setup;
    headEnd.issue({ useCase: 'ECS45', device: meter });
    const response = responseOf(device, sent[0] as Uint8Array);
    headEnd.onMessage(hub, response);
    headEnd.onMessage(hub, response);
    expect(headEnd.totals()).toMatchObject({ responses: 1, unexpected: 1 });
    expect(unsolicited).toMatchObject([
      {
        kind: 'unexpected-response',
        device: meter,
        messageCode: '0x0052',
        checks: { mac: 'valid' },
      },
    ]);
  });

  it('counts what does not parse and what no head end gets', () => {
    const { headEnd, sent } = setup;
    headEnd.issue({ useCase: 'ECS45', device: meter });
    headEnd.onMessage(hub, sent[0] as Uint8Array);
    headEnd.onMessage(hub, new Uint8Array(0));
    headEnd.onMessage(hub, Uint8Array.of(0xdd, 1, 2, 3));
    expect(headEnd.totals()).toMatchObject({ unexpected: 1, errors: 2, pending: 1 });
  });

  it('has no key for devices that are not in the inventory', () => {
    const { headEnd, sent, device, unsolicited } = setup;
    headEnd.issue({ useCase: 'ECS45', device: meter });
    headEnd.inventory.remove(meter);
    headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
    expect(unsolicited).toEqual([]);
    expect(headEnd.totals()).toMatchObject({ responses: 1, macsVerified: 0, errors: 1 });
  });

  it('times out on the clock it was given, and says what is known of the hub', () => {
    const { headEnd, hubs, clock, sent, device } = setup;
    const outcomes: CommandOutcome[] = [];
    const settle = (outcome: CommandOutcome) => outcomes.push(outcome);
    hubs.set(hub, 'offline');
    headEnd.issue({ useCase: 'ECS45', device: meter }, settle);
    clock.advance(29_999);
    expect(outcomes).toEqual([]);
    clock.advance(1);
    hubs.set(hub, 'online');
    headEnd.issue({ useCase: 'ECS45', device: meter, timeoutMs: 1500 }, settle);
    clock.advance(1500);
    expect(outcomes).toMatchObject([
      {
        verdict: 'timeout',
        reason: `no response within 30 s: hub ${hub} is offline`,
        succeeded: false,
        latencyMs: 30_000,
        checks: { signature: 'absent', mac: 'absent', decryption: 'absent' },
      },
      { verdict: 'timeout', reason: `no response within 1.5 s: hub ${hub} is online` },
    ]);
    // What comes too late answers nothing any more.
    headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
    expect(headEnd.totals()).toMatchObject({ timeouts: 2, unexpected: 1, responses: 0 });
  });

  it('settles everything when it is closed, and leaves no timer', async () => {
    const { headEnd, clock } = setup;
    const promise = headEnd.send({ useCase: 'ECS45', device: meter });
    headEnd.close();
    expect(await promise).toMatchObject({ verdict: 'failed', reason: 'the head end was closed' });
    expect(clock.pending).toBe(0);
  });

  it('never uses a counter twice, restarts included', () => {
    const store = new MemoryStore();
    const counters: bigint[] = [];
    for (let run = 0; run < 3; run++) {
      const { headEnd, sent } = setUp({ store });
      for (let i = 0; i < 5; i++) headEnd.issue({ useCase: 'ECS45', device: meter });
      for (const bytes of sent) counters.push(decodeGbcsMessage(bytes).header.originatorCounter);
    }
    expect(new Set(counters).size).toBe(15);
    expect(counters).toEqual([...counters].sort((a, b) => (a < b ? -1 : 1)));
  });

  describe('refuses', () => {
    const refusals: readonly (readonly [string, Parameters<HeadEnd['issue']>[0], RegExp])[] = [
      ['an unknown use case', { useCase: 'ECS999', device: meter }, /no use case 'ECS999'.*ECS17b/],
      ['an unknown device', { useCase: 'ECS45', device: 'ff00000000000001' }, /ff00.*inventory/],
      ['a device that is none', { useCase: 'ECS45', device: 'meter' }, /'meter' is not an EUI-64/],
      [
        'the wrong device type',
        { useCase: 'ECS45', device: gasMeter },
        /ECS45 is for esme, not for a gsme/,
      ],
      [
        'a role that may not',
        { useCase: 'ECS42', device: meter, originator: 'networkOperator' },
        /ECS42 may be sent by supplier, not by networkOperator/,
      ],
      [
        'a party that does not exist',
        { useCase: 'ECS42', device: meter, originator: eui64('ffffffffffffffff') },
        /no party 'ffffffffffffffff'; known are supplier 90b3/,
      ],
      ['a missing parameter', { useCase: 'ECS50', device: meter }, /parameter number is missing/],
      [
        'a wrong parameter',
        { useCase: 'ECS50', device: meter, parameters: { number: '12' } },
        /ECS50: parameter number: want 4 digits/,
      ],
      [
        'a timeout that is none',
        { useCase: 'ECS45', device: meter, timeoutMs: Number.NaN },
        /timeout NaN ms/,
      ],
      [
        'a counter that is used',
        { useCase: 'ECS45', device: meter, originatorCounter: 7n },
        /counter 7 of SUPPLIER-1 is used; the next one is \d+/,
      ],
    ];
    for (const [what, request, reason] of refusals) {
      it(what, async () => {
        const { headEnd, sent } = setup;
        expect(() => headEnd.issue(request)).toThrow(UsageError);
        await expect(headEnd.send(request)).rejects.toThrow(reason);
        expect(sent).toEqual([]);
        expect(headEnd.totals()).toMatchObject({ commands: 0, refused: 2 });
      });
    }

    it('more commands than the table holds', () => {
      const { headEnd, clock } = setUp({ limits: { pendingMax: 2, timeoutMs: 100 } });
      headEnd.issue({ useCase: 'ECS45', device: meter });
      headEnd.issue({ useCase: 'ECS45', device: meter });
      expect(() => headEnd.issue({ useCase: 'ECS45', device: meter })).toThrow(/2 commands wait/);
      clock.advance(100);
      headEnd.issue({ useCase: 'ECS45', device: meter });
    });

    it('the same counter to the same device while it waits', () => {
      const { headEnd } = setup;
      const request = {
        useCase: 'ECS45',
        device: meter,
        originatorCounter: 2n ** 60n,
        unchecked: true,
      };
      headEnd.issue(request);
      expect(() => headEnd.issue(request)).toThrow(UsageError);
    });
  });

  describe('for testers', () => {
    it('sends unchecked what the broker would refuse, and the device refuses it', () => {
      const { headEnd, sent, device } = setup;
      headEnd.issue({
        useCase: 'ECS42',
        device: meter,
        originator: 'networkOperator',
        unchecked: true,
      });
      headEnd.issue({ useCase: 'ECS45', device: gasMeter, unchecked: true });
      expect(device.receive(sent[0] as Uint8Array)).toMatchObject({
        executed: false,
        refusal: { reason: 'roleNotAllowed' },
      });
      expect(decodeGbcsMessage(sent[1] as Uint8Array).header.recipient).toBe(gasMeter);
    });

    it('sends a counter again', () => {
      const { headEnd, sent, device } = setup;
      headEnd.issue({ useCase: 'ECS42', device: meter });
      headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
      const used = decodeGbcsMessage(sent[0] as Uint8Array).header.originatorCounter;
      const request = { useCase: 'ECS42', device: meter, originatorCounter: used };
      headEnd.issue({ ...request, unchecked: true });
      expect(device.receive(sent[1] as Uint8Array)).toMatchObject({
        refusal: { reason: 'counterNotAbove' },
      });
    });

    it('sends any bytes', () => {
      const { headEnd, sent } = setup;
      headEnd.sendRaw(hub, Uint8Array.of(1, 2, 3));
      expect(sent).toEqual([Uint8Array.of(1, 2, 3)]);
      expect(() => headEnd.sendRaw(hub, new Uint8Array(70_000))).toThrow(/up to 65535 bytes/);
    });

    it('waits for the response to a command that others made', () => {
      const { headEnd, sent, device } = setup;
      const made = setUp().headEnd.issue({ useCase: 'ECS45', device: meter }).bytes;
      const pending = headEnd.issueRaw(hub, made);
      headEnd.onMessage(hub, responseOf(device, sent[0] as Uint8Array));
      expect(pending.outcome).toMatchObject({ useCase: 'ECS45', verdict: 'answered' });
      expect(() => headEnd.issueRaw(hub, Uint8Array.of(0xdf))).toThrow(/not a command: /);
    });
  });
});
