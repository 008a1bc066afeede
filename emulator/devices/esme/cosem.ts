import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { msOfSecondsSince2000, secondsSince2000 } from '../../../protocols/codec/utc.js';
import { data, types } from '../../../protocols/dlms/construct.js';
import type { DlmsData } from '../../../protocols/dlms/data.js';
import { parseRangeDescriptor } from '../../../protocols/dlms/range-descriptor.js';
import { resultCodes } from '../../../protocols/dlms/result-codes.js';
import { clockStatuses, parseActivation } from '../../../protocols/dlms/time.js';
import {
  type CosemCall,
  type CosemRow,
  computed,
  cosemModel,
  stored,
} from '../../functions/cosem-model.js';
import { halfHourMs } from '../../functions/demand.js';
import { ProtocolError } from '../../functions/protocol-error.js';
import { controlStates, type SupplyState } from '../../functions/supply-state.js';
import type { EsmeState } from './state.js';

type Call = CosemCall<EsmeState>;

/** DLMS unit codes. */
const units = { watt: 27, wattHour: 30, varHour: 32, count: 255 } as const;

function scalerUnit(unit: number, scaler = 0): DlmsData {
  return data.structure(data.i8(scaler), data.enum(unit));
}

/** Household equipment in this emulator has a power factor of one: nothing reactive is drawn. */
const reactiveImportVarh = 0;

function importRegisters({ device, context }: Call): DlmsData {
  return data.structure(
    data.u32(device.activeImportWh(context.nowMs) >>> 0),
    scalerUnit(units.wattHour),
    data.u32(reactiveImportVarh),
    scalerUnit(units.varHour),
  );
}

function powerImport({ device, context }: Call): DlmsData {
  const power = data.u32(device.activePowerW(context.nowMs));
  return data.structure(power, scalerUnit(units.watt), power);
}

/** Scripts of the supply control table (dlms.md 4). */
const supplyScripts: Readonly<Record<number, SupplyState>> = {
  51: 'enabled',
  52: 'disabled',
  54: 'armed',
};

function executeSupplyScript({ device, context }: Call, script: DlmsData): undefined {
  const state = script.type === 'long-unsigned' ? supplyScripts[script.value] : undefined;
  if (state === undefined) {
    throw new ProtocolError(resultCodes['other-reason'], 'no such script of the supply table');
  }
  // Arming concerns a meter that is off; one that supplies goes on supplying.
  if (state === 'armed' && device.supplyStateAt(context.nowMs) === 'enabled') return undefined;
  device.setSupply(state, context.nowMs);
  return undefined;
}

/** At most this many entries are kept (device-behaviour.md 4.1). */
const averageVoltageEntriesMax = 4320;

/** Average RMS voltage log between two times, both included, as far back as it is kept. */
function averageVoltageLog({ device, context }: Call, selection?: DlmsData): DlmsData {
  const { nowMs } = context;
  const oldestMs = nowMs - averageVoltageEntriesMax * halfHourMs;
  const range = selection === undefined ? undefined : parseRangeDescriptor(selection);
  const fromMs = Math.max(oldestMs, range ? msOfSecondsSince2000(range.fromSeconds) : oldestMs);
  const toMs = Math.min(nowMs, range ? msOfSecondsSince2000(range.toSeconds) : nowMs);
  const entries: DlmsData[] = [];
  // An entry is stamped with the end of the half hour it is the average of.
  for (let at = Math.ceil(fromMs / halfHourMs) * halfHourMs; at <= toMs; at += halfHourMs) {
    const decivolts = device.parts.voltage.averageRmsVoltage(at - halfHourMs);
    entries.push(data.structure(data.u32(secondsSince2000(at)), data.u32(decivolts)));
  }
  const u32 = types.simple('double-long-unsigned');
  return data.compactArray(types.structure(u32, u32), entries);
}

function presetClock({ device }: Call, parameter: DlmsData): undefined {
  const times = parameter.type === 'structure' ? parameter.value.slice(1).map(activationMs) : [];
  const [fromMs, toMs] = times;
  if (fromMs === undefined || toMs === undefined) {
    throw new ProtocolError(resultCodes['type-unmatched'], 'want three date-times');
  }
  device.clockWindow = [fromMs, toMs];
  return undefined;
}

function activationMs(value: DlmsData): number | undefined {
  if (value.type !== 'octet-string') return undefined;
  try {
    const time = parseActivation(value.value);
    return typeof time === 'number' ? time : undefined;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

function adjustClock({ device }: Call): undefined {
  const window = device.clockWindow;
  if (window === undefined) {
    throw new ProtocolError(resultCodes['other-reason'], 'no time was preset');
  }
  device.clockWindow = undefined;
  device.parts.clock.setWithin(...window);
  return undefined;
}

function clockStatus({ device }: Call): DlmsData {
  const reliable = device.parts.clock.reliability === 'reliable';
  return data.u8(reliable ? clockStatuses.reliable : clockStatuses.doubtful);
}

function asciiOctets(text: string): DlmsData {
  return data.octets(toHex(Uint8Array.from(text, (c) => c.charCodeAt(0))));
}

const zero = computed<EsmeState>(() => data.u32(0));
const countUnit = computed<EsmeState>(() => scalerUnit(units.count));
const clock = '0-0:1.0.0.255';

// biome-ignore format: one member a line
const rows: readonly CosemRow<EsmeState>[] = [
  [1, '0-0:0.2.1.255', 'a2', computed(({ device }) => data.octets(device.firmware.version))],
  [1, '0-0:94.44.0.0', 'a2', computed(({ device }) => data.u16(device.randomisedOffset()))],
  [1, '0-0:94.44.0.1', 'a2', computed(({ device }) => data.u16(device.parts.randomisedOffsetLimit))],
  [1, '0-0:94.44.0.2', 'a2', computed(({ device }) => data.u16(device.parts.randomisedOffsetNumber))],
  [1, '0-0:94.44.34.10', 'a2', computed(importRegisters)],
  [1, '0-0:94.44.34.11', 'a2', computed(({ device }) => asciiOctets(device.parts.meterPointAdministrationNumber))],
  [1, '0-0:94.44.34.20', 'a2', computed(powerImport)],
  [1, '0-3:96.13.1.255', 'a2', stored('1/0-3:96.13.1.255/a2', data.octets(''))],
  [1, '1-0:0.0.2.255', 'a2', computed(() => data.octets(''))],
  // Supply voltage stays inside its statutory band here, so nothing is ever counted.
  [3, '1-0:32.32.0.4', 'a2', zero],
  [3, '1-0:32.32.0.4', 'a3', countUnit],
  [3, '1-0:32.36.0.4', 'a2', zero],
  [3, '1-0:32.36.0.4', 'a3', countUnit],
  [7, '1-0:32.24.0.255', 'a2', { get: averageVoltageLog }],
  [7, '1-0:32.24.0.255', 'a4', computed(() => data.u32(halfHourMs / 1000))],
  [8, clock, 'a2', computed(({ device }) => data.dateTime(device.parts.clock.nowMs()))],
  [8, clock, 'a4', computed(clockStatus)],
  [8, clock, 'a9', stored(`8/${clock}/a9`, data.enum(5))],
  [8, clock, 'm4', { invoke: adjustClock }],
  [8, clock, 'm5', { invoke: presetClock }],
  [9, '0-0:10.0.106.255', 'm1', { invoke: executeSupplyScript }],
  [30, '0-0:43.2.8.255', 'm1', {}],
  [70, '0-0:96.3.10.255', 'a3', computed(({ device, context }) => data.enum(controlStates[device.supplyStateAt(context.nowMs)]))],
];

export const esmeCosemModel = cosemModel(rows);

/** Use cases for which this meter has every object. */
export const esmeDlmsUseCases: ReadonlySet<string> = new Set([
  'ECS17b',
  'ECS17c',
  'ECS23',
  'ECS26c',
  'ECS40',
  'ECS42',
  'ECS43',
  'ECS44',
  'ECS45',
  'ECS50',
  'ECS52',
  'ECS70',
]);
