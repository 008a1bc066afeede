import { CodecError } from '../../codec/codec-error.js';
import { show } from '../../codec/show.js';
import type { ConversionPair } from './conversions.js';

/**
 * What a meter does with each of the 256 alert codes that begin with one octet: a mask of the codes that are set, then
 * their values, the highest code first (duis-to-gbcs.md 11).
 */
const codeCount = 256;

/** `{ "810D": true, "8119": false }` to a bit-string(512); codes that are not named stay as they are. */
export function alertBits(firstOctet: number): ConversionPair {
  const prefix = firstOctet.toString(16);
  return {
    write: (value) => {
      const mask = new Array<string>(codeCount).fill('0');
      const values = new Array<string>(codeCount).fill('0');
      for (const [code, on] of Object.entries(value as Record<string, unknown>)) {
        const position = codeCount - 1 - lowOctet(code, prefix);
        mask[position] = '1';
        values[position] = on === true ? '1' : '0';
      }
      return mask.join('') + values.join('');
    },
    read: (wire) => {
      const bits = String(wire);
      const behaviours: Record<string, boolean> = {};
      for (let low = 0; low < codeCount; low++) {
        const position = codeCount - 1 - low;
        if (bits[position] !== '1') continue;
        const code = prefix + low.toString(16).padStart(2, '0');
        behaviours[code.toUpperCase()] = bits[codeCount + position] === '1';
      }
      return behaviours;
    },
  };
}

function lowOctet(code: string, prefix: string): number {
  const low = /^[0-9a-f]{4}$/i.test(code) ? Number.parseInt(code.slice(2), 16) : -1;
  if (low < 0 || !code.startsWith(prefix)) {
    throw new CodecError('', 0, `${show(code)} is no alert code from ${prefix}00 to ${prefix}FF`);
  }
  return low;
}
