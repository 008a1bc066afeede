import type { Eui64 } from '../../../protocols/codec/eui64.js';
import type { Random, RandomStream } from '../../ports/random.js';
import type { RadioChannel } from '../air/radio.js';
import type { Directory } from '../stack/directory.js';
import { coordinatorAddress, type HanNetwork } from '../stack/network-layer.js';
import type { NetworkKey } from '../stack/node-security.js';
import { preferredChannels, subGhzChannels } from './network-former.js';

/** A network whose devices joined long ago. */
export interface JoinedNetwork {
  readonly key: NetworkKey;
  readonly members: readonly {
    readonly eui: Eui64;
    readonly shortAddress: number;
    readonly network: HanNetwork;
  }[];
  readonly addresses: readonly (readonly [Eui64, number])[];
}

export interface JoinedNetworkParts {
  readonly home: string;
  readonly panId: number;
  readonly hub: Eui64;
  readonly radios: readonly Eui64[];
  readonly directory: Directory;
  readonly random: Random;
}

/** 0000 is the hub's, FFF8 and up are broadcasts. */
const shortAddressMax = 0xfff7;
const keyOctets = 16;

/** What joining would have brought about, drawn from the seed: addresses, channels, the network key. */
export function drawJoinedNetwork(parts: JoinedNetworkParts): JoinedNetwork {
  const { panId, hub, directory } = parts;
  const chance = parts.random.stream(parts.home, 'network');
  const addresses = drawAddresses(parts, chance);
  const key = { key: chance.bytes(keyOctets), sequenceNumber: 0 };
  const dual = [...directory.listings()].some(({ band }) => band === '868');
  const first = oneOf(preferredChannels, chance);
  const second = dual ? oneOf(subGhzChannels, chance) : undefined;
  const members = addresses.map(([eui, shortAddress]) => {
    const subGhz = directory.ofRadio(eui)?.band === '868';
    const own = subGhz && second !== undefined ? [second] : [first];
    const channels = eui === hub && second !== undefined ? [first, second] : own;
    return { eui, shortAddress, network: { panId, extendedPanId: hub, channels } };
  });
  return { key, members, addresses };
}

function drawAddresses(
  { hub, radios }: JoinedNetworkParts,
  chance: RandomStream,
): (readonly [Eui64, number])[] {
  const taken = new Set<number>();
  return radios.map((radio) => {
    if (radio === hub) return [radio, coordinatorAddress] as const;
    let short = chance.int(1, shortAddressMax);
    while (taken.has(short)) short = chance.int(1, shortAddressMax);
    taken.add(short);
    return [radio, short] as const;
  });
}

function oneOf(channels: readonly RadioChannel[], chance: RandomStream): RadioChannel {
  return channels[chance.int(0, channels.length - 1)] as RadioChannel;
}
