import { describe, expect, it } from 'vitest';
import { type Alert, AlertSender, dlmsAlert } from '../../../emulator/functions/alert-sender.js';
import { DeviceCounters } from '../../../emulator/functions/counters.js';
import { TestPki } from '../../../emulator/functions/test-pki.js';
import { trustAnchorCellsOf } from '../../../emulator/functions/trust-anchor-cells.js';
import { InvariantError } from '../../../emulator/ports/errors.js';
import { MemoryStore } from '../../../emulator/sim/memory-store.js';
import { eui64 } from '../../../protocols/codec/eui64.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { decodeGbcsMessage } from '../../../protocols/gbcs/message.js';
import { checkMac } from '../../../protocols/gbcs/protection.js';
import { nodeCryptoForTests } from '../../support/test-crypto.js';

const crypto = nodeCryptoForTests();
const pki = new TestPki({ seed: 'alerts', crypto });
const meter = eui64('00db1000000001a0');
const supplier = eui64('90b3d51f30010000');
const networkOperator = eui64('90b3d51f30020000');
const nowMs = Date.UTC(2015, 0, 1);

function sender(store = new MemoryStore()): AlertSender {
  const anchors = trustAnchorCellsOf('esme', pki.trustAnchors());
  return new AlertSender({
    entity: meter,
    crypto,
    keys: pki.keysOf(meter),
    counters: new DeviceCounters(store, meter, 'perRoleAndMessageCode'),
    trustAnchors: () => anchors,
    nowMs: () => nowMs,
  });
}

function generic(messageCode: number, alertCode: number, to: Alert['to']): Alert {
  return { messageCode, alertCode, to, payload: (stamp) => dlmsAlert(alertCode, stamp) };
}

function made(outcome: ReturnType<AlertSender['make']>) {
  if (!outcome.made) throw new Error(outcome.reason);
  return outcome;
}

describe('alerts of a device', () => {
  it('critical ones are signed, and addressed to whoever has the role', () => {
    const outcome = made(sender().make(generic(0x1000, 0x8f30, 'supplier')));
    const message = decodeGbcsMessage(outcome.message);
    expect(message.header).toMatchObject({
      craFlag: 'alert',
      originator: meter,
      recipient: supplier,
      originatorCounter: 1n,
    });
    expect(message.mac).toBeUndefined();
    const { signature, signedBytes } = message;
    const key = pki.publicKeyOf(meter, 'digitalSignature');
    expect(crypto.verify(key, signedBytes, signature as Uint8Array)).toBe(true);
    // 0F, invoke id from the counter, no date-time, {code, time}: by hand from the DLMS encoding.
    expect(toHex(message.content)).toBe(
      '0f2000000100' + '0202' + '128f30' + '090c07df0101ff000000008000ff',
    );
  });

  it('the others are MACed for their recipient', () => {
    const outcome = made(sender().make(generic(0x1001, 0x8002, 'networkOperator')));
    const message = decodeGbcsMessage(outcome.message);
    expect([message.header.recipient, message.signature]).toEqual([networkOperator, 'none']);
    const z = pki.keysOf(networkOperator).sharedSecret(pki.publicKeyOf(meter, 'keyAgreement'));
    expect(checkMac(crypto, z, message.inner, message.mac as Uint8Array)).toBe(true);
  });

  it('never uses a counter twice, restarts included', () => {
    const store = new MemoryStore();
    const counters: bigint[] = [];
    for (let run = 0; run < 3; run++) {
      const alerts = sender(store);
      for (let count = 0; count < 2; count++) {
        counters.push(made(alerts.make(generic(0x1001, 0x8002, 'supplier'))).counter);
      }
    }
    expect(counters).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('without a cell of its recipient there is none, and no counter is used up', () => {
    const alerts = sender();
    expect(alerts.make(generic(0x1001, 0x8002, 'wanProvider'))).toEqual({
      made: false,
      reason: 'no cell of the wanProvider',
    });
    expect(made(alerts.make(generic(0x1001, 0x8002, 'supplier'))).counter).toBe(1n);
    expect(() => alerts.make(generic(0x0001, 0x8002, 'supplier'))).toThrow(InvariantError);
  });

  it('names the party for whom the broker gets it', () => {
    const supplementary = { supplementaryRemotePartyId: supplier };
    const alert = { ...generic(0x1001, 0x8002, 'accessControlBroker'), supplementary };
    const { header } = decodeGbcsMessage(made(sender().make(alert)).message);
    expect(header.otherInformation.supplementaryRemotePartyId).toBe(supplier);
  });
});
