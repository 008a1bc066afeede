import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, showDuration } from '../../../emulator/cli/duration.js';
import { jsonErrorAt } from '../../../emulator/cli/json-position.js';
import { lineBatches, lineLengthMax } from '../../../emulator/cli/lines.js';
import { bytesOfText } from '../../../emulator/cli/message-text.js';
import { editDistance, nearest } from '../../../emulator/cli/nearest.js';
import { clipped, tableLines } from '../../../emulator/cli/text-table.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';

const seeded = { seed: 20261122, numRuns: 300 };

async function linesOf(chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const batch of lineBatches(source())) lines.push(...batch);
  return lines;
}

describe('durations', () => {
  it.each([
    ['15s', 15_000],
    ['250ms', 250],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['1d', 86_400_000],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '15', 's', '15 s', '-1s', '1w', '1e3s', '1s2'])('refuses %j', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  it('shows two units at most', () => {
    expect([0.4, 850, 1_499, 59_499, 61_000, 12_000_000].map(showDuration)).toEqual([
      '0 ms',
      '850 ms',
      '1.5 s',
      '59 s',
      '1 min 1 s',
      '3 h 20 min',
    ]);
  });
});

describe('nearest names', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('flaw', 'lawn')).toBe(2);
  });

  it('finds the likely ones, whatever the case, and leaves out the rest', () => {
    const names = ['ECS17b', 'ECS17c', 'ECS23', 'GCS13a'];
    expect(nearest('ecs17', names)).toEqual(['ECS17b', 'ECS17c', 'ECS23']);
    expect(nearest('something else', names)).toEqual([]);
  });
});

describe('lines of a stream', () => {
  it('does not care how the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.array(fc.nat(40)), async (text, cuts) => {
        const bytes = Buffer.from(text, 'utf8');
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)];
        const chunks = at.map((start, i) => bytes.subarray(start, at[i + 1] ?? bytes.length));
        const expected = bytes.toString('utf8').split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(await linesOf(chunks)).toEqual(expected);
      }),
      seeded,
    );
  });

  it('cuts off an endless line and goes on after it', async () => {
    const piece = 'f'.repeat(lineLengthMax / 2);
    const lines = await linesOf([piece, piece, piece, '\nnext\n']);
    expect(lines.map((line) => line.length)).toEqual([lineLengthMax + 1, 4]);
  });
});

describe('text of a message', () => {
  const bytes = fc.uint8Array({ minLength: 3, maxLength: 200 }).map((some) => {
    // The start of every message with a MAC header.
    return Uint8Array.of(0xdd, 0x00, ...some);
  });

  it('is hex in any case, with blanks or colons, or base64 of either alphabet', () => {
    fc.assert(
      fc.property(bytes, (message) => {
        const hex = toHex(message);
        const spaced = hex.match(/../g)?.join(' ') as string;
        const buffer = Buffer.from(message);
        const forms = [hex, hex.toUpperCase(), spaced, spaced.replaceAll(' ', ':'), `0x${hex}`];
        for (const form of [...forms, buffer.toString('base64'), buffer.toString('base64url')]) {
          expect(toHex(bytesOfText(form))).toBe(hex);
        }
      }),
      seeded,
    );
  });

  it.each([
    ['', 0, 'empty'],
    ['df0', 1, 'odd number of hex digits'],
    ['df0900zz', 3, "'zz' is not a hex byte"],
    ['#!', 0, "neither hex nor base64: '#'"],
    ['3QAAA', 5, 'neither hex nor base64: a digit is missing'],
  ])('refuses %j', (text, offset, reason) => {
    expect(() => bytesOfText(text)).toThrow(CodecError);
    try {
      bytesOfText(text);
    } catch (error) {
      expect(error).toMatchObject({ offset, reason });
    }
  });
});

describe('where JSON goes wrong', () => {
  it.each([
    ['', 0],
    ['{', 1],
    ['{"a":1,,"b":2}', 7],
    ['{"a" 1}', 5],
    ['{"a":1', 6],
    ['[1,]', 3],
    ['{"a":1,}', 7],
    ['nope', 0],
    ['{"a":tru}', 5],
    ['"open', 5],
    ['"bad \\x"', 5],
    ['01', 1],
    ['{"a":1} x', 8],
    ['{"a": -}', 6],
    ['{"tab":"\t"}', 8],
    ["{'a':1}", 1],
  ])('%j at %i', (text, at) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(jsonErrorAt(text)).toBe(at);
  });

  it('is behind the end of everything that is cut short, however it is nested', () => {
    fc.assert(
      fc.property(fc.object(), fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const short = text.slice(0, cut % text.length);
        const at = jsonErrorAt(short);
        // What was cut in a word, number or escape is wrong where that begins.
        expect(at).toBeLessThanOrEqual(short.length);
        expect(short.slice(at)).toMatch(
          /^(?:|t|tr|tru|f|fa|fal|fals|n|nu|nul|-|\.|e[+-]?|\\|\\u[0-9a-f]{0,3})$/,
        );
      }),
      seeded,
    );
  });

  it('does not run out of stack', () => {
    expect(jsonErrorAt('['.repeat(1_000_000))).toBe(1_000_000);
  });
});

describe('tables', () => {
  it('line up and do not pad the last column', () => {
    expect(
      tableLines([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });

  it('clips with an ellipsis', () => {
    expect(clipped('abcdef', 4)).toBe('abc…');
    expect(clipped('abcd', 4)).toBe('abcd');
  });
});
