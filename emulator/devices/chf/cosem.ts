import { type Eui64, eui64 } from '../../../protocols/codec/eui64.js';
import { fromHex } from '../../../protocols/codec/hex.js';
import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import { data, types } from '../../../protocols/dlms/construct.js';
import { shapes } from '../../../protocols/dlms/cosem/shapes.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import { parseRangeDescriptor } from '../../../protocols/dlms/range-descriptor.js';
import { resultCodes } from '../../../protocols/dlms/result-codes.js';
import { checkShape } from '../../../protocols/dlms/shape.js';
import { headerDateTime, never } from '../../../protocols/dlms/time.js';
import {
  type CosemCall,
  type CosemRow,
  computed,
  cosemModel,
} from '../../functions/cosem-model.js';
import type { DeviceEventLog, LogEntry } from '../../functions/device-event-log.js';
import type { DeviceKeyHash, DeviceLogEntry } from '../../functions/device-log.js';
import { deviceLogEntriesMax } from '../../functions/device-log-record.js';
import { unmeasuredLink } from '../../functions/link-quality.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import type { ChfState } from './state.js';
import { subGhzDlmsUseCases, subGhzRows } from './sub-ghz-cosem.js';

type Call = CosemCall<ChfState>;

/** The longest window that a hub opens: what service users may ask for (device-behaviour.md 2.1). */
const joiningSecondsMax = 3600;
/** The only credentials that a device can be added with. */
const installCodeCredentials = 1;

function requireShape(value: DlmsData, shape: string): readonly DlmsData[] {
  const mismatch = checkShape(value, shape);
  if (mismatch === undefined) return value.type === 'structure' ? value.value : [value];
  const { path, expected, found } = mismatch;
  throw new ProtocolError(resultCodes['type-unmatched'], `${path} is ${found}, not ${expected}`);
}

function refused(why: string): ProtocolError {
  return new ProtocolError(resultCodes['other-reason'], why);
}

/** A member whose type its shape has settled. */
function octetsOf(value: DlmsData | undefined): string {
  return value?.type === 'octet-string' ? value.value : '';
}

function numberOf(value: DlmsData | undefined): number {
  return value !== undefined && 'value' in value && typeof value.value === 'number'
    ? value.value
    : 0;
}

function entityOf(value: DlmsData | undefined): Eui64 {
  return eui64(octetsOf(value));
}

function registerDevice({ device, context }: Call, parameter: DlmsData): undefined {
  const [entity, credentials, installCode, type] = requireShape(parameter, shapes.deviceToRegister);
  if (numberOf(credentials) !== installCodeCredentials)
    throw refused('credentials of no known kind');
  const id = entityOf(entity);
  const verdict = device.deviceLog.add(id, numberOf(type), fromHex(octetsOf(installCode)));
  if (verdict === 'full') throw refused('the device log is full');
  device.beginAdding(id, context.command);
  return undefined;
}

function setJoiningTime({ device }: Call, value: DlmsData): void {
  const seconds = numberOf(value);
  if (seconds > joiningSecondsMax) throw refused(`a window is ${joiningSecondsMax} s at most`);
  device.joiningSeconds = seconds;
}

function setJoining({ device, context }: Call, value: DlmsData): void {
  const added = device.endAdding(context.command);
  if (value.type !== 'boolean' || !value.value) {
    device.deviceLog.closeJoining();
  } else if (added === undefined) {
    throw refused('no device was added by this command');
  } else {
    device.deviceLog.allowJoining(added, device.joiningSeconds, context.nowMs);
  }
}

function unregisterDevice({ device }: Call, parameter: DlmsData): undefined {
  const [entity] = requireShape(parameter, 'octet-string(8)');
  if (!device.deviceLog.remove(entityOf(entity))) throw refused('the device is not in the log');
  return undefined;
}

function restoreNetwork({ device }: Call, parameter: DlmsData): undefined {
  const [hanIdentifier, devices] = requireShape(parameter, shapes.panBackup);
  const members = devices?.type === 'array' ? devices.value : [];
  if (members.length > deviceLogEntriesMax) throw refused('more devices than the log has room for');
  const network = {
    hanIdentifier: entityOf(hanIdentifier),
    devices: members.map((member) => {
      const [entity, hash] = member.type === 'structure' ? member.value : [];
      return { entity: entityOf(entity), linkKeyHash: fromHex(octetsOf(hash)) };
    }),
  };
  device.deviceLog.restore(network);
  device.parts.onRestore(network);
  return undefined;
}

/** Time, extended PAN id, and each device with the hash of its link key, empty before it has one: CCS07 and CS14. */
export function backupOf(
  hanIdentifier: Eui64,
  devices: readonly DeviceKeyHash[],
  nowMs: number,
): DlmsData {
  return data.structure(
    data.dateTime(nowMs),
    data.octets(hanIdentifier),
    data.array(
      ...devices.map(({ entity, linkKeyHash }) =>
        data.structure(data.octets(entity), data.octets(linkKeyHash ?? '')),
      ),
    ),
  );
}

function backup({ device: { deviceLog }, context }: Call): DlmsData {
  return backupOf(deviceLog.hanIdentifier, deviceLog.keyHashes(), context.nowMs);
}

function historicBackup({ device: { deviceLog }, context }: Call): DlmsData {
  return backupOf(deviceLog.hanIdentifier, deviceLog.historicKeyHashes(), context.nowMs);
}

/**
 * Status bits of an active device: authorised, reporting, then unauthorised, authorised after a swap-out, and Smart
 * Energy ready; the rest are reserved [mem]. Official examples have the first.
 */
const statusOfHeard = '11001000';
const statusOfUnheard = '10000000';

const dayMs = 86_400_000;
const dayOfWeekOffset = 4;

/** A date-time that names its day of the week (Monday is 1), as official examples of this attribute do. */
function contactTime(ms: number): Uint8Array {
  const octets = headerDateTime(ms);
  // The first of January 1970 was a Thursday.
  octets[dayOfWeekOffset] = ((Math.floor(ms / dayMs) + 3) % 7) + 1;
  return octets;
}

function activeDevice({ entity, lastContactMs, linkQuality }: DeviceLogEntry): DlmsData {
  const link = linkQuality ?? unmeasuredLink;
  const heard = lastContactMs !== undefined;
  return data.structure(
    data.octets(entity),
    data.bits(heard ? statusOfHeard : statusOfUnheard),
    ...link.rssi.map(data.i8),
    ...link.lqi.map(data.u8),
    data.octets(heard ? contactTime(lastContactMs) : never),
    data.u8(link.hops),
    data.u8(link.transmissionFailures),
    data.u8(link.transmissionSuccesses),
    data.u8(link.applicationVersion),
    data.u8(link.stackVersion),
  );
}

function activeDevices({ device }: Call): DlmsData {
  return data.array(...device.deviceLog.list().map(activeDevice));
}

/** Entries of a log that lie in the range asked for, oldest first. */
function entriesOf(log: DeviceEventLog, selection: DlmsData | undefined): readonly LogEntry[] {
  if (selection === undefined) return log.between(0, Number.POSITIVE_INFINITY);
  const { fromSeconds, toSeconds } = parseRangeDescriptor(selection);
  return log.between(msOfSecondsSince2000(fromSeconds), msOfSecondsSince2000(toSeconds));
}

const timeType = types.simple('double-long-unsigned');
const codeType = types.simple('long-unsigned');
const timeAndCode = ({ atMs, eventId }: LogEntry) =>
  [data.u32(secondsSince2000(atMs)), data.u16(eventId)] as const;

function readEventLog({ device }: Call, selection?: DlmsData): DlmsData {
  return readLogWithData(device.eventLog, selection);
}

function readLogWithData(log: DeviceEventLog, selection: DlmsData | undefined): DlmsData {
  const entries = entriesOf(log, selection);
  const type = types.structure(timeType, codeType, types.simple('octet-string'));
  return data.compactArray(
    type,
    entries.map((entry) => data.structure(...timeAndCode(entry), data.octets(entry.data))),
  );
}

function readSecurityLog({ device }: Call, selection?: DlmsData): DlmsData {
  const entries = entriesOf(device.securityLog, selection);
  const type = types.structure(timeType, codeType);
  return data.compactArray(
    type,
    entries.map((entry) => data.structure(...timeAndCode(entry))),
  );
}

const deviceLog = '0-0:30.3.0.255';
const historicDeviceLog = '0-0:30.3.1.255';

// biome-ignore format: one member a line
const rows: readonly CosemRow<ChfState>[] = [
  [1, '0-0:0.2.1.255', 'a2', computed(({ device }) => data.octets(device.parts.firmwareVersion))],
  [7, '0-0:99.98.0.255', 'a2', { get: readEventLog }],
  [7, '0-0:99.98.1.255', 'a2', { get: readSecurityLog }],
  [104, deviceLog, 'a2', { set: setJoining }],
  [104, deviceLog, 'a3', { set: setJoiningTime }],
  [104, deviceLog, 'a4', computed(activeDevices)],
  [104, deviceLog, 'm1', { invoke: registerDevice }],
  [104, deviceLog, 'm2', { invoke: unregisterDevice }],
  [104, deviceLog, 'm4', { invoke: backup }],
  [104, deviceLog, 'm5', { invoke: restoreNetwork }],
  [104, historicDeviceLog, 'm4', { invoke: historicBackup }],
  ...subGhzRows(readLogWithData),
];

export const chfCosemModel = cosemModel(rows);

/** Use cases for which this hub has every object. */
export const chfDlmsUseCases: ReadonlySet<string> = new Set([
  'CCS01',
  'CCS02',
  'CCS03',
  'CCS05CCS04',
  'CCS06',
  'CCS07',
  'ECS35c',
  'ECS35d',
  'ECS52',
  ...subGhzDlmsUseCases,
]);
