import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Eui64 } from '../../../../protocols/codec/eui64.js';
import { fromHex, toHex } from '../../../../protocols/codec/hex.js';
import type { KeyEstablishmentIdentity } from '../../../../protocols/zigbee/cbke/certificate.js';
import { TestCertificateAuthority } from '../../../../protocols/zigbee/cbke/issue-certificate.js';
import { keyPair } from '../../../../protocols/zigbee/cbke/key-agreement.js';
import {
  KeyEstablishment,
  type KeyEstablishmentOptions,
  type KeyEstablishmentStep,
} from '../../../../protocols/zigbee/cbke/key-establishment.js';
import {
  type KeyEstablishmentCommand,
  supportedSuites,
  terminateCommand,
} from '../../../../protocols/zigbee/cbke/key-establishment-command.js';
import { type CryptographicSuite, suites } from '../../../../protocols/zigbee/cbke/suite.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { type PublishedExchange, type PublishedParty, publishedExchanges } from './published.js';

const crypto = nodeCryptoForTests();
const hub = '00db1234567890c0' as Eui64;
const meter = '00db1234567890a0' as Eui64;

/** Hands commands over until neither side has any; `alter` may change one on its way. */
function converse(
  initiator: KeyEstablishment,
  responder: KeyEstablishment,
  suite: CryptographicSuite,
  alter: (command: KeyEstablishmentCommand, index: number) => KeyEstablishmentCommand = (c) => c,
) {
  const sent: KeyEstablishmentCommand[] = [];
  const outcomes: { initiator?: unknown; responder?: unknown } = {};
  let step: KeyEstablishmentStep = initiator.start(suite, 0);
  let receiver = responder;
  while (step.send !== undefined) {
    const command = alter(step.send, sent.length);
    sent.push(command);
    step = receiver.receive(command.commandId, command.payload, 0);
    if (step.outcome !== undefined) outcomes[receiver.role] = step.outcome;
    receiver = receiver === responder ? initiator : responder;
  }
  return { sent, ...outcomes };
}

function publishedSide(
  exchange: PublishedExchange,
  role: 'initiator' | 'responder',
): KeyEstablishment {
  const own: PublishedParty = exchange[role];
  const peer = exchange[role === 'initiator' ? 'responder' : 'initiator'];
  const { suite, issuer } = exchange;
  const { curve } = suites[suite];
  const identity: KeyEstablishmentIdentity = {
    suite,
    certificate: fromHex(own.certificate),
    ...keyPair(curve, fromHex(own.privateKey)),
    issuer,
    authorityPublicKey: curve.decompress(fromHex(exchange.authority)),
  };
  return new KeyEstablishment(crypto, role, {
    identities: [identity],
    peer: peer.address,
    ephemeralSecret: fromHex(own.ephemeralPrivateKey),
    ephemeralDataGenerateSeconds: 3,
    confirmKeyGenerateSeconds: 4,
  });
}

describe.each(publishedExchanges)('the published exchange of suite $suite', (exchange) => {
  it('goes over the air as published', () => {
    const { initiator, responder } = exchange;
    const sides = [publishedSide(exchange, 'initiator'), publishedSide(exchange, 'responder')];
    const [u, v] = sides as [KeyEstablishment, KeyEstablishment];
    const conversation = converse(u, v, exchange.suite);
    const suiteBits = exchange.suite === 1 ? '0100' : '0200';
    const lines = conversation.sent.map(
      ({ frameControl, commandId, payload }) =>
        `${toHex(Uint8Array.of(frameControl, commandId))} ${toHex(payload)}`,
    );
    expect(lines.slice(0, 4)).toEqual([
      `0100 ${suiteBits}0304${initiator.certificate}`,
      `0900 ${suiteBits}0304${responder.certificate}`,
      `0101 ${initiator.ephemeralPublicKey}`,
      `0901 ${responder.ephemeralPublicKey}`,
    ]);
    expect(lines).toHaveLength(6);
    expect(lines[4]).toBe(`0102 ${exchange.macu ?? lines[4]?.slice(5)}`);
    expect(lines[5]).toBe(`0902 ${exchange.macv ?? lines[5]?.slice(5)}`);
    expect(conversation.initiator).toMatchObject({ kind: 'established', peer: responder.address });
    expect(conversation.responder).toMatchObject({ kind: 'established', peer: initiator.address });
    const [a, b] = [conversation.initiator, conversation.responder] as { linkKey: Uint8Array }[];
    expect(a?.linkKey).toEqual(b?.linkKey);
    expect(a?.linkKey).toHaveLength(16);
  });
});

describe.each([1, 2] as const)('key establishment with suite %i', (suite) => {
  let identities: Readonly<Record<'hub' | 'meter' | 'stranger', KeyEstablishmentIdentity>>;
  beforeAll(() => {
    const ours = new TestCertificateAuthority(crypto, suite, fromHex('01'));
    // Another authority that goes by the same name.
    const forger = new TestCertificateAuthority(crypto, suite, fromHex('02'));
    identities = {
      hub: ours.issue(hub),
      meter: ours.issue(meter),
      stranger: {
        ...forger.issue(meter),
        authorityPublicKey: ours.publicKey,
      },
    };
  });

  function device(
    role: 'initiator' | 'responder',
    changes: Partial<KeyEstablishmentOptions> = {},
  ): KeyEstablishment {
    const [own, peer] =
      role === 'initiator'
        ? ([identities.meter, hub] as const)
        : ([identities.hub, meter] as const);
    return new KeyEstablishment(crypto, role, {
      identities: [own],
      peer,
      ephemeralSecret: new Uint8Array(44).fill(role === 'initiator' ? 0x5a : 0xa5),
      ...changes,
    });
  }

  it('gives both the same key, and another one for other ephemeral secrets', () => {
    const first = converse(device('initiator'), device('responder'), suite);
    expect(first.initiator).toMatchObject({ kind: 'established', peer: hub });
    expect(first.responder).toEqual({ ...(first.initiator as object), peer: meter });
    const other = { ephemeralSecret: new Uint8Array(44).fill(7) };
    const second = converse(device('initiator', other), device('responder'), suite);
    expect(second.responder).toMatchObject({ kind: 'established' });
    expect(second.responder).not.toEqual(first.responder);
  });

  it.each([
    ['an issuer nobody knows', { issuer: '0000000000000001' as Eui64 }, 'unknownIssuer'],
    ['a suite nobody has', { suite: (3 - suite) as CryptographicSuite }, 'unsupportedSuite'],
  ] as const)('refuses %s', (_, change, status) => {
    const responder = device('responder', { identities: [{ ...identities.hub, ...change }] });
    const { sent, ...outcomes } = converse(device('initiator'), responder, suite);
    expect(outcomes.responder).toMatchObject({ kind: 'refused', status });
    const statusCode = { unknownIssuer: 1, unsupportedSuite: 5 }[status];
    expect(outcomes.initiator).toEqual({ kind: 'terminated', statusCode, waitSeconds: 10 });
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ frameControl: 0x09, commandId: 3 });
  });

  it('refuses the certificate of somebody else', () => {
    const responder = device('responder', { peer: '00db1234567890a9' as Eui64 });
    const outcome = converse(device('initiator'), responder, suite);
    expect(outcome.responder).toMatchObject({ status: 'invalidCertificate' });
    expect(outcome.initiator).toMatchObject({ kind: 'terminated', statusCode: 6 });
  });

  it('finds out a certificate that the authority did not issue', () => {
    const stranger = device('initiator', { identities: [identities.stranger] });
    const outcome = converse(stranger, device('responder'), suite);
    expect(outcome.responder).toMatchObject({ kind: 'refused', status: 'badKeyConfirm' });
    expect(outcome.initiator).toMatchObject({ kind: 'terminated', statusCode: 2 });
    expect(outcome.sent).toHaveLength(6);
  });

  it('refuses a command out of turn', () => {
    const responder = device('responder');
    const step = responder.receive(1, fromHex('00'), 0);
    expect(step.outcome).toMatchObject({ kind: 'refused', status: 'badMessage' });
    expect(responder.receive(1, fromHex('00'), 0)).toEqual({ send: undefined, outcome: undefined });
    const unknown = device('responder').receive(9, fromHex('00'), 0);
    expect(unknown.outcome).toMatchObject({ kind: 'refused', status: 'badMessage' });
  });

  it('gives up when nothing comes, after the time the other side announced', () => {
    const initiator = device('initiator', { transitTimeoutMs: 2000 });
    const responder = device('responder', { ephemeralDataGenerateSeconds: 7 });
    expect(initiator.nextDeadlineMs()).toBeUndefined();
    const { send } = initiator.start(suite, 1000);
    expect(initiator.nextDeadlineMs()).toBe(3000);
    expect(initiator.expire(2999).outcome).toBeUndefined();
    const answer = responder.receive(0, send?.payload as Uint8Array, 1500);
    initiator.receive(0, answer.send?.payload as Uint8Array, 2000);
    expect(initiator.nextDeadlineMs()).toBe(2000 + 7000 + 2000);
    const step = initiator.expire(11_000);
    expect(step).toEqual({
      send: undefined,
      outcome: { kind: 'timed-out', awaited: 'ephemeralData' },
    });
    expect(initiator.nextDeadlineMs()).toBeUndefined();
    expect(initiator.expire(12_000).outcome).toBeUndefined();
  });

  it('starts once, as initiator, in a suite it has', () => {
    const initiator = device('initiator');
    expect(() => initiator.start((3 - suite) as CryptographicSuite, 0)).toThrow('suite');
    initiator.start(suite, 0);
    expect(() => initiator.start(suite, 0)).toThrow('suite');
    expect(() => device('responder').start(suite, 0)).toThrow('suite');
  });

  it('refuses whatever is changed on the way, and never throws', () => {
    let established = 0;
    fc.assert(
      fc.property(fc.nat(5), fc.nat(), fc.nat(7), fc.boolean(), (which, at, bit, cut) => {
        const outcome = converse(device('initiator'), device('responder'), suite, (sent, index) => {
          if (index !== which) return sent;
          const payload = sent.payload.slice();
          const octet = at % payload.length;
          if (cut) return { ...sent, payload: payload.subarray(0, octet) };
          payload[octet] = (payload[octet] as number) ^ (1 << bit);
          return { ...sent, payload };
        });
        const last = which === 5 ? outcome.initiator : outcome.responder;
        const kinds = [outcome.initiator, outcome.responder].map(
          (o) => (o as { kind: string }).kind,
        );
        expect(last).toBeDefined();
        // The announced times are all that no code protects: 2 octets of the first two commands.
        if (kinds[0] === 'established' && kinds[1] === 'established') {
          established++;
          expect(which).toBeLessThan(2);
        } else if (which < 5) expect(kinds).not.toContain('established');
      }),
      { seed: 20261122, numRuns: 60 },
    );
    expect(established).toBeLessThan(6);
  });

  it('takes any octets for a command', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.uint8Array({ maxLength: 90 }), (commandId, payload) => {
        const step = device('responder').receive(commandId, payload, 0);
        expect(['refused', 'terminated']).toContain(step.outcome?.kind);
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });
});

describe('who has no room', () => {
  it('can say so', () => {
    const ours = ([1, 2] as const).map((suite) =>
      new TestCertificateAuthority(crypto, suite, fromHex('01')).issue(hub),
    );
    expect(supportedSuites(ours)).toBe(3);
    const command = terminateCommand('responder', 'noResources', 60, supportedSuites(ours));
    expect(command).toEqual({ frameControl: 0x09, commandId: 3, payload: fromHex('043c0300') });
  });
});
