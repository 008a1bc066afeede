import { secondsSince2000 } from '../../protocols/codec/utc.js';
import type { GbzFields } from '../../protocols/gbcs/gbz-types.js';
import { zclStatuses } from '../../protocols/zigbee/zcl/foundation.js';
import { ProtocolError } from './protocol-error.js';
import type { ZclAnswer, ZclCall, ZclCommandRow } from './zcl-model.js';

/** Entries that a device's event or security log holds; the oldest goes first (device-behaviour.md 4.1). */
const usualEntriesMax = 100;

export interface LogEntry {
  readonly eventId: number;
  readonly atMs: number;
  /** Octets as hex. */
  readonly data: string;
}

/** Event codes that devices of the home write (alert-codes.json of the reference). */
export const logEvents = {
  /** By the hub's time, within tolerance; or left alone because it was further off. */
  clockAdjusted: 0x8145,
  clockNotAdjusted: 0x8f0c,
  /** A command on the home network was executed, or could not be; the data is the message code. */
  hanCommandActioned: 0x8154,
  hanCommandNotActioned: 0x8155,
  loadSwitchFailure: 0x811a,
} as const;

export class DeviceEventLog {
  private readonly entries: LogEntry[] = [];

  constructor(private readonly entriesMax = usualEntriesMax) {}

  add(eventId: number, atMs: number, data = ''): void {
    this.entries.push({ eventId, atMs, data });
    if (this.entries.length > this.entriesMax) this.entries.shift();
  }

  /** What was done on the home network under this message code, and whether it worked. */
  addHanCommand(actioned: boolean, messageCode: number, atMs: number): void {
    const eventId = actioned ? logEvents.hanCommandActioned : logEvents.hanCommandNotActioned;
    this.add(eventId, atMs, messageCode.toString(16).padStart(4, '0'));
  }

  between(fromMs: number, toMs: number): readonly LogEntry[] {
    return this.entries.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }
}

export interface EventLogHolder {
  readonly eventLog: DeviceEventLog;
  readonly securityLog: DeviceEventLog;
}

const eventsCluster = 0x0709;
const commandIds = { getEventLog: 0x00, publishEventLog: 0x01 } as const;
/** Log ids of CS10a and CS10b. */
const logIds = { event: 3, security: 4 } as const;
/** Low half of the control octet: which log; the high half asks for the entries' data. */
const logIdMask = 0x0f;

function getEventLog<S extends EventLogHolder>(
  { device }: ZclCall<S>,
  fields: GbzFields,
): readonly ZclAnswer[] {
  const { eventControlLogId, eventId, startTime, endTime, numberOfEvents, eventOffset } =
    fields as Readonly<Record<string, number>>;
  const logId = (eventControlLogId as number) & logIdMask;
  const log = logOf(device, logId);
  const all = log.between(0, Number.POSITIVE_INFINITY).filter((entry) => {
    const seconds = secondsSince2000(entry.atMs);
    const isAsked = eventId === 0 || entry.eventId === eventId;
    return isAsked && seconds >= (startTime as number) && seconds <= (endTime as number);
  });
  const entries = all.slice(
    eventOffset,
    numberOfEvents ? (eventOffset as number) + numberOfEvents : undefined,
  );
  if (entries.length === 0) throw new ProtocolError(zclStatuses.notFound, 'no such entries');
  const withData = (eventControlLogId as number) > logIdMask;
  return [
    {
      commandId: commandIds.publishEventLog,
      fields: {
        totalNumberOfEvents: all.length,
        commandIndex: 0,
        totalCommands: 1,
        logPayloadControl: 0,
        events: entries.map((entry) => ({
          logId,
          eventId: entry.eventId,
          eventTime: secondsSince2000(entry.atMs),
          eventData: withData ? entry.data : '',
        })),
      },
    },
  ];
}

function logOf(device: EventLogHolder, logId: number): DeviceEventLog {
  if (logId === logIds.event) return device.eventLog;
  if (logId === logIds.security) return device.securityLog;
  throw new ProtocolError(zclStatuses.notFound, `no log ${logId}`);
}

/** Server side of the Events cluster: reading both logs. */
export function eventLogRows<S extends EventLogHolder>(): readonly ZclCommandRow<S>[] {
  return [[eventsCluster, commandIds.getEventLog, getEventLog]];
}
