import { secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import type { ZclAnswer } from './zcl-model.js';

/** What meter and switch must agree on in Demand Response and Load Control (ZigBee Smart Energy 1.4, D.2). */

export const loadControlCluster = 0x0701;
export const loadControlCommandIds = {
  /** To the server. */
  reportEventStatus: 0x00,
  getScheduledEvents: 0x01,
  /** To the client. */
  loadControlEvent: 0x00,
  cancelLoadControlEvent: 0x01,
  cancelAllLoadControlEvents: 0x02,
} as const;

export const eventStatuses = {
  received: 0x01,
  started: 0x02,
  completed: 0x03,
  cancelled: 0x06,
  superseded: 0x07,
  rejectedExpired: 0xfb,
  rejectedUndefinedEvent: 0xfd,
  rejected: 0xfe,
} as const;
export type EventStatus = keyof typeof eventStatuses;

/** Duty cycle in percent: a load switch is on for all of an event or for nothing of it. */
export const dutyCycles = { off: 0, on: 100, none: 0xff } as const;
/** No such temperature, and no adjustment of the average load. */
export const notUsed = { offset: 0xff, setPoint: -0x8000, loadAdjustment: -0x80 } as const;
/** Simple residential on/off loads. */
const deviceClass = 0x0080;
/** Voluntary: a consumer's boost button may overrule it. Which level GB meters send is not in the reference ([mem?]). */
export const criticalityLevel = 0x01;

export interface ServedEvent {
  readonly issuerEventId: number;
  readonly number: number;
  readonly startMs: number;
  readonly durationMinutes: number;
}

/**
 * The enrolment group carries the number of the auxiliary switch. That GBCS uses this field for it is not in the
 * reference ([mem?]), hence this one place.
 */
export function switchNumberOf(fields: GbzFields): number {
  return fields.utilityEnrollmentGroup as number;
}

/** Events that switch on, as the server's answers. */
export function loadControlEvents(events: readonly ServedEvent[]): readonly ZclAnswer[] {
  return events.map(({ issuerEventId, number, startMs, durationMinutes }) => ({
    commandId: loadControlCommandIds.loadControlEvent,
    fields: {
      issuerEventId,
      deviceClass,
      utilityEnrollmentGroup: number,
      startTime: secondsSince2000(startMs),
      durationMinutes,
      criticalityLevel,
      coolingTemperatureOffset: notUsed.offset,
      heatingTemperatureOffset: notUsed.offset,
      coolingTemperatureSetPoint: notUsed.setPoint,
      heatingTemperatureSetPoint: notUsed.setPoint,
      averageLoadAdjustmentPercentage: notUsed.loadAdjustment,
      dutyCycle: dutyCycles.on,
      eventControl: 0,
    },
  }));
}
