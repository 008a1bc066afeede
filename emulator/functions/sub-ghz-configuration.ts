import { data } from '../../protocols/dlms/construct.js';
import type { DlmsData } from '../../protocols/dlms/data.js';
import { channelsOfMask, emptyMask, fullMask, pageOfMask } from './sub-ghz-channels.js';

/** How a hub manages its sub-GHz band; written by DBCH04, members in its order. */
export interface SubGhzConfiguration {
  /** Channels that may be used: the page in the upper five bits, one bit for each channel. */
  readonly page28: number;
  readonly page29: number;
  readonly page30: number;
  readonly page31: number;
  /** Hundredths of a per cent of an hour, from which the hub's duty cycle is limited. */
  readonly limitedDutyCycleThreshold: number;
  readonly criticalDutyCycleThreshold: number;
  readonly channelChangesPerWeek: number;
  /** Hours for which nothing may be heard of a gas meter before it counts as lost [mem]. */
  readonly gsmeCurfew: number;
  /** dB by which a channel must be quieter than the present one to be moved to. */
  readonly quieterThreshold: number;
  /** dB by which the present channel may become noisier than it was when it was chosen. */
  readonly noisierThreshold: number;
  /** Hundredths of a per cent of transmissions, of devices other than gas meters. */
  readonly poorCommunications: number;
  /** Half hours over which these are taken together. */
  readonly poorCommunicationsPeriods: number;
  /** Minutes over which the hub looks at its own transmissions [mem]. */
  readonly noisePeriod: number;
  /** Hundredths of a per cent of the hub's transmissions that fail, and that are repeated. */
  readonly failures: number;
  readonly retries: number;
}

/**
 * Before anybody has written one; our choice, near the figures of the official examples. One page,
 * because homes are formed there and a search of one page is short.
 */
export const defaultSubGhzConfiguration: SubGhzConfiguration = {
  page28: fullMask(28),
  page29: emptyMask(29),
  page30: emptyMask(30),
  page31: emptyMask(31),
  limitedDutyCycleThreshold: 130,
  criticalDutyCycleThreshold: 220,
  channelChangesPerWeek: 5,
  gsmeCurfew: 7,
  quieterThreshold: 7,
  noisierThreshold: 12,
  poorCommunications: 6_000,
  poorCommunicationsPeriods: 4,
  noisePeriod: 100,
  failures: 4_000,
  retries: 3_000,
};

type Member = keyof SubGhzConfiguration;
type MemberForm = (value: number) => DlmsData;
const mask: MemberForm = (value) => data.bits(value.toString(2).padStart(32, '0'));

const members = [
  ['page28', mask],
  ['page29', mask],
  ['page30', mask],
  ['page31', mask],
  ['limitedDutyCycleThreshold', data.u16],
  ['criticalDutyCycleThreshold', data.u16],
  ['channelChangesPerWeek', data.u8],
  ['gsmeCurfew', data.u16],
  ['quieterThreshold', data.u8],
  ['noisierThreshold', data.u8],
  ['poorCommunications', data.u16],
  ['poorCommunicationsPeriods', data.u8],
  ['noisePeriod', data.u16],
  ['failures', data.u16],
  ['retries', data.u16],
] as const satisfies readonly (readonly [Member, MemberForm])[];

const pageOfMember: Readonly<Partial<Record<Member, number>>> = {
  page28: 28,
  page29: 29,
  page30: 30,
  page31: 31,
};

/** As the attribute holds it, and the alert about its change. */
export function subGhzConfigurationData(configuration: SubGhzConfiguration): DlmsData {
  return data.structure(...members.map(([name, form]) => form(configuration[name])));
}

/** A configuration out of a value of the attribute's shape, or why it is none that a hub can keep. */
export function parseSubGhzConfiguration(value: DlmsData): SubGhzConfiguration | string {
  const values = value.type === 'structure' ? value.value : [];
  const parsed: Partial<Record<Member, number>> = {};
  for (const [index, [name]] of members.entries()) {
    const number = numberOf(values[index]);
    if (number === undefined) return `${name} is no number`;
    const page = pageOfMember[name];
    if (page !== undefined && pageOfMask(number) !== page) return `${name} names another page`;
    parsed[name] = number;
  }
  const configuration = parsed as SubGhzConfiguration;
  if (allowedChannels(configuration).length === 0) return 'no channel may be used';
  const { limitedDutyCycleThreshold, criticalDutyCycleThreshold } = configuration;
  if (limitedDutyCycleThreshold > criticalDutyCycleThreshold) return 'limited above critical';
  return configuration;
}

function numberOf(value: DlmsData | undefined): number | undefined {
  if (value?.type === 'bit-string') {
    const number = Number.parseInt(value.value, 2);
    return Number.isNaN(number) ? undefined : number;
  }
  const plain = value !== undefined && 'value' in value ? value.value : undefined;
  return typeof plain === 'number' ? plain : undefined;
}

export function allowedChannels({ page28, page29, page30, page31 }: SubGhzConfiguration) {
  return [page28, page29, page30, page31].flatMap((one) => channelsOfMask(one));
}
