import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { Reader } from '../../../protocols/codec/reader.js';
import { readUtf8, utf8Length, writeUtf8 } from '../../../protocols/codec/utf8.js';
import { Writer } from '../../../protocols/codec/writer.js';

const platform = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

describe('UTF-8 (RFC 3629)', () => {
  it('writes what the platform writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const writer = new Writer(4);
        writeUtf8(writer, text);
        expect(writer.finish()).toEqual(new Uint8Array(Buffer.from(text)));
        expect(utf8Length(text)).toBe(writer.offset);
      }),
      { seed: 20261122, numRuns: 1000 },
    );
  });

  it('accepts and refuses the bytes that the platform does', () => {
    const lead = fc.constantFrom(
      0x41,
      0x7f,
      0x80,
      0xc0,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    const next = fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0);
    fc.assert(
      fc.property(lead, fc.array(next, { maxLength: 4 }), (first, more) => {
        const bytes = Uint8Array.of(first, ...more);
        let wanted: string | undefined;
        try {
          wanted = platform.decode(bytes);
        } catch {
          wanted = undefined;
        }
        const read = () => readUtf8(new Reader(bytes), bytes.length);
        if (wanted === undefined) expect(read).toThrow(CodecError);
        else expect(read()).toBe(wanted);
      }),
      { seed: 20261122, numRuns: 5000 },
    );
  });

  it('does not read beyond its length, nor write a lone surrogate', () => {
    expect(() => readUtf8(new Reader(Uint8Array.of(0x41)), 2)).toThrow(CodecError);
    expect(() => writeUtf8(new Writer(), '\udc00')).toThrow(CodecError);
  });
});
