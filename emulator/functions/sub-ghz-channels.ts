/** A channel below 1 GHz: page 28 to 31 and its number there. */
export interface SubGhzChannel {
  readonly page: number;
  readonly channel: number;
}

interface Page {
  readonly page: number;
  /** Of the lowest bit of its mask. */
  readonly firstChannel: number;
  readonly channels: number;
}

/**
 * Great Britain's pages: 28 to 30 are 863 to 876 MHz, 31 is 915 to 921 MHz [mem]; numbers as service
 * users write them in DBCH04.
 */
export const subGhzPages = [
  { page: 28, firstChannel: 0, channels: 27 },
  { page: 29, firstChannel: 27, channels: 8 },
  { page: 30, firstChannel: 35, channels: 27 },
  { page: 31, firstChannel: 0, channels: 27 },
] as const satisfies readonly Page[];

const channelBits = 27;
const byPage = new Map<number, Page>(subGhzPages.map((one) => [one.page, one]));

/** The page in the upper five bits, no channel: the mask of a page that is not used. */
export function emptyMask(page: number): number {
  return (page << channelBits) >>> 0;
}

/** All channels of a page. */
export function fullMask(page: number): number {
  const { channels = 0 } = byPage.get(page) ?? {};
  return (emptyMask(page) | (2 ** channels - 1)) >>> 0;
}

export function pageOfMask(mask: number): number {
  return mask >>> channelBits;
}

/** Page and one channel, as the ChannelChange attribute and the hub's channel log have them. */
export function maskOfChannel({ page, channel }: SubGhzChannel): number {
  const { firstChannel = 0 } = byPage.get(page) ?? {};
  return (emptyMask(page) | (1 << (channel - firstChannel))) >>> 0;
}

/** None for a page that is not Great Britain's; bits that stand for no channel are left out. */
export function channelsOfMask(mask: number): readonly SubGhzChannel[] {
  const known = byPage.get(pageOfMask(mask));
  if (known === undefined) return [];
  const { page, firstChannel, channels } = known;
  const found: SubGhzChannel[] = [];
  for (let bit = 0; bit < channels; bit++) {
    if ((mask & (1 << bit)) !== 0) found.push({ page, channel: firstChannel + bit });
  }
  return found;
}
