import { z } from 'zod';
import { get, getAll, getRange, type ItemNode, invoke, set, u32 } from './dlms-template.js';
import { logPeriod } from './log-reads.js';
import { integer, object } from './parameters.js';
import { request } from './request.js';
import { place } from './template.js';

/** Voltage quality of single-phase and polyphase meters: what is measured, and from which voltage it counts. */

const phases = [1, 2, 3] as const;
type Phase = (typeof phases)[number];
/** Second group of the OBIS codes of a phase. */
const phaseGroups = { 1: 32, 2: 52, 3: 72 } as const;

const averageProfile = (phase: Phase): string => `1-0:${phaseGroups[phase]}.24.0.255`;
const underThreshold = (phase: Phase): string => `1-0:${phaseGroups[phase]}.31.0.4`;
const underCounter = (phase: Phase): string => `1-0:${phaseGroups[phase]}.32.0.4`;
const overThreshold = (phase: Phase): string => `1-0:${phaseGroups[phase]}.35.0.4`;
const overCounter = (phase: Phase): string => `1-0:${phaseGroups[phase]}.36.0.4`;

/** Register monitors in the order in which all use cases name them. */
const monitors = {
  extremeOver: '0-0:17.0.1.255',
  extremeUnder: '0-0:17.0.2.255',
  sag: '0-0:17.0.3.255',
  swell: '0-0:17.0.4.255',
} as const;
const thresholdAttribute = 4;
const periodAttribute = 6;

function readOperational(phase: Phase): ItemNode[] {
  return [
    ...getAll(3, underCounter(phase), 2, 3),
    ...getAll(3, overCounter(phase), 2, 3),
    getRange(averageProfile(phase)),
    get(7, averageProfile(phase), 4),
  ];
}

const readMonitors = Object.values(monitors).flatMap((instance) =>
  getAll(71, instance, thresholdAttribute, periodAttribute),
);

function readThresholds(phase: Phase): ItemNode[] {
  const under = get(1, underThreshold(phase), 2);
  const over = get(1, overThreshold(phase), 2);
  return phase === 1 ? [over, under] : [under, over];
}

const setMonitors: readonly ItemNode[] = Object.entries(monitors).flatMap(([name, instance]) => [
  set(71, instance, thresholdAttribute, u32(place(`${name}.threshold`))),
  set(71, instance, periodAttribute, u32(place(`${name}.period`))),
]);

function setPeriod(phase: Phase): ItemNode {
  return set(7, averageProfile(phase), 4, u32(place(`phase${phase}.period`)));
}

/** The older use cases write phase 1's upper threshold first, all others the lower. */
function setThresholds(phase: Phase, isOverFirst = false): ItemNode[] {
  const under = set(1, underThreshold(phase), 2, u32(place(`phase${phase}.under`)));
  const over = set(1, overThreshold(phase), 2, u32(place(`phase${phase}.over`)));
  return isOverFirst ? [over, under] : [under, over];
}

function resetCounters(phase: Phase): ItemNode[] {
  return [invoke(3, underCounter(phase), 1), invoke(3, overCounter(phase), 1)];
}

const u32Max = 0xffff_ffff;
const voltage = (what: string) =>
  integer(0, u32Max, `${what}, in the scale of the meter's voltages`);
const period = (what: string) => integer(0, u32Max, `${what}, in seconds`);

function monitor(what: string) {
  return object(
    { threshold: voltage('threshold'), period: period('time for which it must last') },
    `${what}`,
  );
}

function phaseSettings(phase: Phase) {
  return object(
    {
      period: period('averaging period'),
      over: voltage('average from which over-voltage counts'),
      under: voltage('average below which under-voltage counts'),
    },
    `averages of phase ${phase}`,
  );
}

const monitorSettings = {
  extremeOver: monitor('extreme over-voltage'),
  extremeUnder: monitor('extreme under-voltage'),
  sag: monitor('voltage sag'),
  swell: monitor('voltage swell'),
};
const singlePhase = z.strictObject({ ...monitorSettings, phase1: phaseSettings(1) });
const polyphase = z.strictObject({
  ...monitorSettings,
  phase1: phaseSettings(1),
  phase2: phaseSettings(2),
  phase3: phaseSettings(3),
});

export const voltageRequests = {
  ECS23: request(0x0039, { dlms: readOperational(1) }, logPeriod),
  ECS23b: request(0x00bc, { dlms: phases.flatMap(readOperational) }, logPeriod),
  ECS26b: request(0x003c, { dlms: [...readMonitors, ...readThresholds(1)] }),
  ECS26k: request(0x00c6, { dlms: [...readMonitors, ...phases.flatMap(readThresholds)] }),
  ECS29a: request(
    0x0045,
    { dlms: [setPeriod(1), ...setMonitors, ...setThresholds(1, true), ...resetCounters(1)] },
    singlePhase,
  ),
  ECS29b: request(
    0x00ae,
    {
      dlms: [
        ...phases.map(setPeriod),
        ...setMonitors,
        ...phases.flatMap((phase) => setThresholds(phase, phase === 1)),
        ...phases.flatMap(resetCounters),
      ],
    },
    polyphase,
  ),
  ECS29c: request(
    0x00d1,
    { dlms: [...setThresholds(1), setPeriod(1), ...setMonitors] },
    singlePhase,
  ),
  ECS29d: request(
    0x00d2,
    {
      dlms: [
        ...phases.flatMap((phase) => setThresholds(phase)),
        ...phases.map(setPeriod),
        ...setMonitors,
      ],
    },
    polyphase,
  ),
  ECS29e: request(0x00d3, { dlms: resetCounters(1) }),
  ECS29f: request(0x00d4, { dlms: phases.flatMap(resetCounters) }),
} as const;
