import type { GbzFields } from '../../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../../protocols/zigbee/zcl/foundation.js';

/** What meters say to the keys of a prepayment display, in the words of a display. */

export interface MeterAnswer {
  readonly done: boolean;
  readonly text: string;
}

/** Amounts of the Prepayment cluster are in 1/100,000 of the currency. */
const amountsPerPound = 100_000;

export function poundsOf(amount: number): string {
  const pence = Math.round((amount / amountsPerPound) * 100);
  const text = `£${(Math.abs(pence) / 100).toFixed(2)}`;
  return pence < 0 ? `-${text}` : text;
}

/** ResultType of ConsumerTopUpResponse (ZigBee Smart Energy 1.4, D.7). */
const topUpResults: ReadonlyMap<number, readonly [done: boolean, text: string]> = new Map([
  [0x00, [true, '']],
  [0x01, [false, 'the meter does not know this number']],
  [0x02, [false, 'this number was used before']],
  [0x03, [false, 'the meter could not take it']],
  [0x04, [false, 'the balance would be too high']],
  [0x05, [false, 'the meter takes no numbers for now']],
  [0x06, [false, 'it is more than the meter takes at once']],
  [0x10, [true, ', supply is on']],
  [0x11, [true, ', supply stays off']],
  [0x12, [true, ', supply can be turned on']],
]);

/** Status names for people; whoever wants the number finds it in the capture. */
function refusalText(status: number): string {
  switch (status) {
    case zclStatuses.unsupportedClusterCommand:
      return 'the meter cannot do this';
    case zclStatuses.notFound:
      return 'there is nothing to do this with';
    default:
      return `the meter refused (0x${status.toString(16).padStart(2, '0')})`;
  }
}

export function topUpAnswer(fields: GbzFields | undefined, status: number): MeterAnswer {
  if (fields === undefined) {
    const done = status === zclStatuses.success;
    return { done, text: done ? 'top-up taken' : refusalText(status) };
  }
  const { resultType, topUpValue, creditRemaining } = fields as Readonly<Record<string, number>>;
  const [done, text] = topUpResults.get(resultType as number) ?? [
    false,
    `the meter refused (result ${resultType})`,
  ];
  if (!done) return { done, text };
  const balance = poundsOf(creditRemaining as number);
  return { done, text: `${poundsOf(topUpValue as number)} added, balance ${balance}${text}` };
}

/** Answer that is a default response: to emergency credit and to the supply. */
export function statusAnswer(doneText: string, status: number): MeterAnswer {
  if (status === zclStatuses.success) return { done: true, text: doneText };
  return { done: false, text: refusalText(status) };
}
