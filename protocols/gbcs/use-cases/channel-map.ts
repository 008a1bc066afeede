import { CodecError } from '../../codec/codec-error.js';
import { show } from '../../codec/show.js';
import type { ConversionPair } from './conversions.js';

const channelBits = 27;

/**
 * Channels of a sub-GHz page as ZigBee's 32-bit map: the page in the top five bits, the page's first channel in the lowest
 * bit (duis-to-gbcs.md 13, DBCH04).
 */
export function channelMap(page: number, firstChannel: number, count: number): ConversionPair {
  const pageBits = page.toString(2).padStart(5, '0');
  return {
    write: (value) => {
      const map = new Array<string>(channelBits).fill('0');
      for (const channel of value as readonly number[]) {
        const bit = channel - firstChannel;
        if (!Number.isInteger(bit) || bit < 0 || bit >= count) {
          throw new CodecError('', 0, `${show(channel)} is no channel of page ${page}`);
        }
        map[channelBits - 1 - bit] = '1';
      }
      return pageBits + map.join('');
    },
    read: (wire) => {
      const bits = String(wire);
      const channels: number[] = [];
      for (let bit = 0; bit < count; bit++) {
        if (bits[bits.length - 1 - bit] === '1') channels.push(firstChannel + bit);
      }
      return channels;
    },
  };
}
