import { describe, expect, it } from 'vitest';
import { Gsme } from '../../../../emulator/devices/gsme/device.js';
import { Ppmid } from '../../../../emulator/devices/ppmid/device.js';
import { FixedKeys } from '../../../../emulator/functions/fixed-keys.js';
import type { PartnerDevice } from '../../../../emulator/functions/partner-devices.js';
import {
  type TrustAnchorCell,
  TrustAnchorCells,
} from '../../../../emulator/functions/trust-anchor-cells.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import { decodeGbcsMessage, withMac } from '../../../../protocols/gbcs/message.js';
import { computeMac } from '../../../../protocols/gbcs/protection.js';
import { makeUtrn } from '../../../../protocols/gbcs/utrn.js';
import { deviceParts } from '../../../support/device-parts.js';
import { readRtdsMessage, rtdsAvailable } from '../../../support/rtds.js';
import { rtdsDeviceParts } from '../../../support/rtds-device.js';
import { nodeCryptoForTests } from '../../../support/test-crypto.js';
import { TestHome } from '../../../support/test-home.js';

/** The devices of the official examples. */
const ppmidEui = eui64('00db1234567890a4');
const gsmeEui = eui64('00db1234567890a1');
const gpfEui = eui64('00db1234567890a3');
const utrn = '73941656880950804485';
const newYear = Date.UTC(2015, 0, 1);
const macOctets = 12;
const crypto = nodeCryptoForTests();

function official(useCase: 'PCS01' | 'PCS02', role: 'COMMAND' | 'RESPONSE'): Uint8Array {
  return readRtdsMessage(`NA_${useCase}/${useCase}_NA_SUCCESS_${role}_GBCS.HEX`);
}

/** Keys of their own: no private key of either device is published, so the official MACs cannot be checked by anybody. */
function standInKeys(entity: typeof ppmidEui, octet: number): FixedKeys {
  const key = new Uint8Array(32).fill(octet);
  return new FixedKeys({ entity, signingPrivateKey: key, agreementPrivateKey: key }, crypto);
}
const keys = { ppmid: standInKeys(ppmidEui, 3), gsme: standInKeys(gsmeEui, 4) };
const partnerOfKeys = (own: FixedKeys, type: 'ppmid' | 'gsme'): PartnerDevice => ({
  entity: own.entity,
  type,
  agreementPublicKey: () => own.agreementPublicKey(),
});

/** The message as its originator would have sent it with our keys: all but the MAC stays. */
function macedAnew(message: Uint8Array): Uint8Array {
  const { inner } = decodeGbcsMessage(message);
  const z = keys.ppmid.sharedSecret(keys.gsme.agreementPublicKey());
  return withMac(inner, computeMac(crypto, z, inner));
}

const withoutMac = (message: Uint8Array) => toHex(message.subarray(0, -macOctets));

function prepaymentDisplay() {
  const home = new TestHome(newYear);
  const parts = { ...deviceParts(home, ppmidEui), keys: keys.ppmid };
  const device = home.attach(
    new Ppmid({
      ...parts,
      esme: undefined,
      gpf: gpfEui,
      gsme: gsmeEui,
      partners: [partnerOfKeys(keys.gsme, 'gsme')],
    }),
  );
  home.start();
  // The official counter is 10,000.
  for (let n = 1; n < 10_000; n++) device.state.counters.nextOwn();
  return { home, device };
}

describe.skipIf(!rtdsAvailable)('prepayment display and the official test data', () => {
  it('CS08: answers with the official response, MAC included', () => {
    const home = new TestHome(newYear);
    const parts = rtdsDeviceParts(ppmidEui, home.host(ppmidEui), crypto);
    const none = { esme: undefined, gpf: undefined, gsme: undefined };
    const device = home.attach(new Ppmid({ ...parts, ...none, firmwareVersion: '0123abcd' }));
    const path = '11.2_CS08/CS08_11.2_SUCCESS';
    const response = home.send(device, readRtdsMessage(`${path}_COMMAND_GBCS.HEX`));
    expect(toHex(response!)).toBe(toHex(readRtdsMessage(`${path}_RESPONSE_GBCS.HEX`)));
  });

  it('PCS01: sends the official command up to the MAC and understands the official response', () => {
    const { home, device } = prepaymentDisplay();
    device.press({ key: 'top-up', utrn, fuel: 'gas' });
    const command = official('PCS01', 'COMMAND');
    expect(withoutMac(home.messages[0]!.message)).toBe(withoutMac(command));
    expect(toHex(home.messages[0]!.message)).toBe(toHex(macedAnew(command)));
    // As published, its MAC is of keys that nobody has.
    device.receiveMessage(official('PCS01', 'RESPONSE'));
    expect(device.describe()).toMatchObject({
      responsesDropped: 1,
      lastKey: { state: 'waiting' },
    });
    device.receiveMessage(macedAnew(official('PCS01', 'RESPONSE')));
    expect(device.describe().lastKey).toEqual({
      key: 'top-up',
      fuel: 'gas',
      state: 'done',
      text: '£20.25 added, balance £45.25',
    });
    // Only once.
    device.receiveMessage(macedAnew(official('PCS01', 'RESPONSE')));
    expect(device.describe().responsesDropped).toBe(2);
  });

  it('PCS02: sends the official command up to the MAC and understands the official response', () => {
    const { home, device } = prepaymentDisplay();
    device.press({ key: 'emergency-credit', fuel: 'gas' });
    expect(toHex(home.messages[0]!.message)).toBe(toHex(macedAnew(official('PCS02', 'COMMAND'))));
    device.receiveMessage(macedAnew(official('PCS02', 'RESPONSE')));
    expect(device.describe().lastKey).toMatchObject({
      state: 'done',
      text: 'emergency credit is activated',
    });
  });

  /** A gas meter in prepayment mode and the display that it was joined to, tunnels played by the test. */
  function gasHome() {
    const home = new TestHome(newYear);
    const supplierKeys = standInKeys(eui64('90b3d51f30010000'), 5);
    const cell: TrustAnchorCell = {
      role: 'supplier',
      keyUsage: 'keyAgreement',
      cellUsage: 'prePaymentTopUp',
      entity: supplierKeys.entity,
      publicKey: supplierKeys.agreementPublicKey(),
      subjectKeyIdentifier: '00'.repeat(8),
    };
    const gsme = home.attach(
      new Gsme({
        ...deviceParts(home, gsmeEui),
        keys: keys.gsme,
        trustAnchors: new TrustAnchorCells([cell]),
        partners: [partnerOfKeys(keys.ppmid, 'ppmid')],
        gpf: gpfEui,
        payment: {
          settings: { emergencyCreditThreshold: 2_500_000 },
          state: {
            balance: 2_500_000,
            timeDebts: [],
            paymentDebt: { amount: 0, shareBasisPoints: 0, weekMs: newYear, collectedInWeek: 0 },
          },
        },
      }),
    );
    const ppmid = home.attach(
      new Ppmid({
        ...deviceParts(home, ppmidEui),
        keys: keys.ppmid,
        partners: [partnerOfKeys(keys.gsme, 'gsme')],
        esme: undefined,
        gpf: gpfEui,
        gsme: gsmeEui,
      }),
    );
    ppmid.start();
    const sell = (pence: number, utrnCounter: number) =>
      makeUtrn(crypto, supplierKeys.sharedSecret(keys.gsme.agreementPublicKey()), {
        supplier: supplierKeys.entity,
        device: gsmeEui,
        utrnCounter,
        valueClass: 'pence',
        value: pence,
      });
    /** The display's last message to the meter, and the meter's answer back; returns the answer's content. */
    const exchange = () => {
      const response = home.send(gsme, home.messages.at(-1)!.message);
      ppmid.receiveMessage(response!);
      return toHex(decodeGbcsMessage(response!).content);
    };
    return { home, gsme, ppmid, sell, exchange };
  }
  const officialContent = (useCase: 'PCS01' | 'PCS02') =>
    toHex(decodeGbcsMessage(official(useCase, 'RESPONSE')).content);

  it('PCS01 to a gas meter with £25.00: £20.25 more, answered with the official payload', () => {
    const { gsme, ppmid, sell, exchange } = gasHome();
    const bought = sell(2025, 1);
    ppmid.press({ key: 'top-up', utrn: bought, fuel: 'gas' });
    expect(exchange()).toBe(officialContent('PCS01'));
    expect(ppmid.render().at(-1)).toBe('Top-up: £20.25 added, balance £45.25');
    expect(gsme.describe()).toMatchObject({ balancePounds: 45.25, executed: 1, refused: 0 });
    ppmid.press({ key: 'top-up', utrn: bought, fuel: 'gas' });
    exchange();
    expect(ppmid.render().at(-1)).toBe('Top-up: this number was used before');
    ppmid.press({ key: 'top-up', utrn, fuel: 'gas' });
    exchange();
    expect(ppmid.render().at(-1)).toBe('Top-up: the meter does not know this number');
    expect(gsme.describe()).toMatchObject({ balancePounds: 45.25 });
  });

  it('PCS02 to a gas meter that offers emergency credit, answered with the official payload', () => {
    const { gsme, ppmid, sell, exchange } = gasHome();
    ppmid.press({ key: 'emergency-credit', fuel: 'gas' });
    expect(exchange()).toBe(officialContent('PCS02'));
    expect(gsme.state.account(newYear)?.emergencyCredit).toBe('selected');
    ppmid.press({ key: 'top-up', utrn: sell(5000, 1), fuel: 'gas' });
    exchange();
    expect(gsme.state.account(newYear)?.emergencyCredit).toBe('none');
    ppmid.press({ key: 'emergency-credit', fuel: 'gas' });
    exchange();
    expect(ppmid.describe().lastKey).toMatchObject({ state: 'refused' });
  });

  it('a gas meter takes PCS02 of its own display, with the MAC of the two, and of nobody else', () => {
    const refusalOf = (partners: readonly PartnerDevice[], message: Uint8Array) => {
      const home = new TestHome(newYear);
      const parts = { ...deviceParts(home, gsmeEui), keys: keys.gsme, partners };
      const gsme = home.attach(new Gsme({ ...parts, gpf: gpfEui }));
      home.send(gsme, message);
      return home.eventsNamed('command-refused')[0]?.detail.reason;
    };
    const display = partnerOfKeys(keys.ppmid, 'ppmid');
    const command = official('PCS02', 'COMMAND');
    expect(refusalOf([], macedAnew(command))).toBe('unknownOriginator');
    expect(refusalOf([display], command)).toBe('macInvalid');
    expect(refusalOf([{ ...display, type: 'hcalcs' }], macedAnew(command))).toBe('roleNotAllowed');
    expect(refusalOf([display], macedAnew(command))).toBeUndefined();
  });
});
