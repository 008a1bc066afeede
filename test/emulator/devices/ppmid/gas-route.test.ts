import { describe, expect, it } from 'vitest';
import { Chf } from '../../../../emulator/devices/chf/device.js';
import { Gsme } from '../../../../emulator/devices/gsme/device.js';
import { Ppmid } from '../../../../emulator/devices/ppmid/device.js';
import { eui64 } from '../../../../protocols/codec/eui64.js';
import { deviceParts, partner } from '../../../support/device-parts.js';
import { TestHome } from '../../../support/test-home.js';

const hub = eui64('00db1000000001a2');
const gsmeEui = eui64('00db1000000001a1');
const ppmidEui = eui64('00db1000000001a4');
const stranger = eui64('00db1000000002a4');
const gpf = eui64('00db1000000001a3');

/** A hub, a gas meter and a display; the test carries what goes through the tunnels. */
function gasHome() {
  const home = new TestHome(Date.UTC(2026, 0, 14, 22));
  const delivered: { readonly to: string; readonly message: Uint8Array }[] = [];
  const deliver = (to: string, message: Uint8Array) => {
    delivered.push({ to, message });
    return 'queued';
  };
  const hubParts = deviceParts(home, hub);
  const deviceLog = [
    { entity: gsmeEui, type: 'gsme' },
    { entity: ppmidEui, type: 'ppmid' },
  ] as const;
  const host = { ...hubParts.host, deliver };
  const chf = home.attach(new Chf({ ...hubParts, host, gpf, deviceLog }));
  const gsme = home.attach(
    new Gsme({
      ...deviceParts(home, gsmeEui),
      gpf,
      partners: [partner(ppmidEui, 'ppmid')],
      payment: { settings: { emergencyCreditThreshold: 100_000_000 } },
    }),
  );
  const none = { esme: undefined, gpf: undefined };
  const partners = [partner(gsmeEui, 'gsme')];
  const parts = deviceParts(home, ppmidEui);
  const ppmid = home.attach(new Ppmid({ ...parts, ...none, gsme: gsmeEui, partners }));
  home.messages.length = 0;
  return { home, chf, gsme, ppmid, delivered };
}

describe('the way between a prepayment display and a gas meter', () => {
  it('leads through the hub and back, and not over the WAN', () => {
    const { home, chf, gsme, ppmid, delivered } = gasHome();
    ppmid.press({ key: 'emergency-credit', fuel: 'gas' });
    chf.forward(ppmidEui, home.messages[0]!.message);
    expect(delivered.map(({ to }) => to)).toEqual([gsmeEui]);
    const response = home.send(gsme, delivered[0]!.message);
    chf.forward(gsmeEui, response!);
    expect(delivered.map(({ to }) => to)).toEqual([gsmeEui, ppmidEui]);
    ppmid.receiveMessage(delivered[1]!.message);
    expect(ppmid.describe().lastKey).toMatchObject({ fuel: 'gas', state: 'done' });
    expect(home.messages.map(({ entity }) => entity)).toEqual([ppmidEui, gsmeEui]);
    expect(chf.describe()).toMatchObject({ routedWithin: 2, routedUp: 0, undeliverable: 0 });
    // As the official event log of a gas meter has it: 8154 with the message code.
    expect(gsme.state.eventLog.between(0, Number.POSITIVE_INFINITY).at(-1)).toMatchObject({
      eventId: 0x8154,
      data: '0090',
    });
  });

  it('is open to devices of the home only; everything else goes up', () => {
    const { home, chf, ppmid, delivered } = gasHome();
    ppmid.press({ key: 'emergency-credit', fuel: 'gas' });
    const { message } = home.messages[0]!;
    chf.forward(stranger, message);
    expect(home.eventsNamed('message-undeliverable')).toMatchObject([
      { detail: { entity: stranger, reason: 'not-in-device-log' } },
    ]);
    // Neither a message to oneself nor one without a recipient is for anybody in the home.
    chf.forward(gsmeEui, message);
    chf.forward(ppmidEui, Uint8Array.of(1, 2, 3));
    expect(home.messages.filter(({ entity }) => entity === hub)).toHaveLength(2);
    expect(delivered).toEqual([]);
  });
});
