import { describe, expect, it } from 'vitest';
import type { Esme } from '../../../emulator/devices/esme/device.js';
import type { FleetEvent } from '../../../emulator/fleet/fleet.js';
import { MemoryBus } from '../../../emulator/sim/memory-bus.js';
import { readRtdsMessage, rtdsAvailable } from '../../support/rtds.js';
import { rtdsEntities, rtdsFleet } from '../../support/rtds-fleet.js';

/** The official command that disables supply: critical, so both signature and MAC protect it. */
const command = '7.2_ECS43/ECS43_7.2_SUCCESS_COMMAND_GBCS.HEX';

/** Where one bit makes the gas meter the recipient, which has its radio off and is woken for it. */
const gasMeterOctet = 42;

/**
 * Octets of the command, from the layout of gbcs-message.md 1 for a MAC header with a two-octet length, and why a command
 * that is wrong there must be refused. 'not-in-device-log' is the hub's own reason; where a flipped octet still makes
 * a well-formed header, more than one reason can be right.
 */
const regions: readonly (readonly [from: number, to: number, reasons: readonly string[]])[] = [
  [0, 13, ['malformed']], // MAC header, length, security header
  [14, 15, ['malformed']], // general-signing tag, length of the transaction id
  [16, 16, ['malformed', 'notACommand']], // CRA flag
  [17, 24, ['macInvalid']], // originator counter
  [25, 25, ['malformed']],
  [26, 33, ['unknownOriginator']],
  [34, 34, ['malformed']],
  [35, 41, ['not-in-device-log']], // recipient
  // Its last octet may turn into that of the home's gas meter or hub, which have no such use case.
  [gasMeterOctet, gasMeterOctet, ['not-in-device-log', 'unsupportedMessageCode']],
  [43, 44, ['malformed']], // date-time and other-information lengths
  [45, 46, ['unknownMessageCode', 'unsupportedMessageCode', 'roleNotAllowed', 'macInvalid']], // message code
  [47, 47, ['malformed', 'macInvalid']], // content length
  [48, 68, ['macInvalid']], // content
  [69, 69, ['malformed']], // signature length
  [70, 133, ['macInvalid']], // signature: the MAC covers it and is checked first
  [134, 145, ['macInvalid']], // MAC
];

describe.skipIf(!rtdsAvailable)('a flipped bit in an official command', () => {
  it('is refused for the right reason wherever it is, and nothing is executed', async () => {
    const home = await rtdsFleet(new MemoryBus());
    const esme = home.fleet.deviceOf(rtdsEntities.esme) as Esme;
    const official = readRtdsMessage(command);
    expect(official.length).toBe(146);
    let tried = 0;
    for (const [from, to, reasons] of regions) {
      for (let at = from; at <= to; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const flipped = official.slice();
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          home.events.length = 0;
          const answers =
            at === gasMeterOctet ? await home.exchangeAwake(flipped) : await home.exchange(flipped);
          expect(answers, `octet ${at}, bit ${bit}`).toEqual([]);
          const verdicts = home.events.filter(isVerdict);
          expect(verdicts.map(reasonOf), `octet ${at}, bit ${bit}`).toHaveLength(1);
          expect(reasons, `octet ${at}, bit ${bit}`).toContain(reasonOf(verdicts[0]));
          expect(esme.state.supplyState).toBe('enabled');
          tried++;
        }
      }
    }
    expect(tried).toBe(official.length * 8);
    // None of them moved a counter: the untouched command is still accepted, once.
    expect(await home.exchange(official)).toHaveLength(1);
    expect(esme.state.supplyState).toBe('disabled');
    expect(await home.exchange(official)).toEqual([]);
    expect(reasonOf(home.events.filter(isVerdict).at(-1))).toBe('counterNotAbove');
    const { refused, undeliverable, refusals } = home.fleet.stats();
    expect(refused + undeliverable).toBe(tried + 1);
    expect(refusals.counterNotAbove).toBe(1);
  });
});

/** What became of a message; a gas meter that wakes has other things to say besides. */
function isVerdict({ name }: FleetEvent): boolean {
  return ['command-executed', 'command-refused', 'message-undeliverable'].includes(name);
}

function reasonOf(event: FleetEvent | undefined): string {
  return String((event?.detail as { reason?: unknown } | undefined)?.reason);
}
