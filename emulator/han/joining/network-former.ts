import type { Eui64 } from '../../../protocols/codec/eui64.js';
import { keyOctets } from '../../../protocols/zigbee/aps-command.js';
import { UsageError } from '../../ports/errors.js';
import type { RandomStream } from '../../ports/random.js';
import type { Medium, RadioChannel } from '../air/radio.js';
import type { FrameNode } from '../stack/frame-node.js';
import { coordinatorAddress, type HanNetwork } from '../stack/network-layer.js';

/** 2.4 GHz channels that keep clear of the usual Wi-Fi ones: Smart Energy's preferred set [mem]. */
export const preferredChannels: readonly RadioChannel[] = [11, 14, 15, 19, 20, 24, 25].map(
  (channel) => ({ page: 0, channel }),
);

/** All of 2.4 GHz: where a device looks for a network that it lost. */
export const allChannels: readonly RadioChannel[] = Array.from({ length: 16 }, (_, index) => ({
  page: 0,
  channel: 11 + index,
}));

/** The first of Great Britain's sub-GHz pages [mem]. */
export const subGhzChannels: readonly RadioChannel[] = Array.from({ length: 27 }, (_, channel) => ({
  page: 28,
  channel,
}));

export interface NetworkPlan {
  /** Where the quietest is chosen from; `preferredChannels` unless told. */
  readonly channels?: readonly RadioChannel[];
  /** Where a hub of two bands works besides. */
  readonly alsoOn?: readonly RadioChannel[];
  /** Of the hub that this one replaces; its own EUI-64 otherwise. */
  readonly extendedPanId?: Eui64;
}

/** FFFF is nobody's: it addresses all PANs. */
const panIdMax = 0xfffe;

/**
 * The hub makes a network: it measures the channels and takes the quietest, draws a PAN id and a
 * network key, and is its coordinator from now on. Among channels that are equally quiet chance
 * decides, so that homes spread over them.
 */
export function formNetwork(
  node: FrameNode,
  medium: Pick<Medium, 'energyOn'>,
  random: RandomStream,
  plan: NetworkPlan = {},
): HanNetwork {
  const { channels = preferredChannels, alsoOn = [], extendedPanId = node.eui } = plan;
  const network: HanNetwork = {
    panId: random.int(1, panIdMax),
    extendedPanId,
    channels: [quietest(medium, random, channels), ...alsoOn],
  };
  node.security.setNetworkKey({ key: random.bytes(keyOctets), sequenceNumber: 0 });
  node.network.enter(network, coordinatorAddress);
  return network;
}

function quietest(
  medium: Pick<Medium, 'energyOn'>,
  random: RandomStream,
  channels: readonly RadioChannel[],
): RadioChannel {
  let least = Number.POSITIVE_INFINITY;
  let best: RadioChannel[] = [];
  for (const channel of channels) {
    const energy = medium.energyOn(channel);
    if (energy < least) best = [];
    if (energy <= least) best.push(channel);
    least = Math.min(least, energy);
  }
  const chosen = best[random.int(0, Math.max(0, best.length - 1))];
  if (chosen === undefined) throw new UsageError('a network needs a channel');
  return chosen;
}
