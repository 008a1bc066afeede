/** Characters of one line; no message is nearly so long. The rest of a longer line is dropped. */
export const lineLengthMax = 16 * 1024 * 1024;

/**
 * The lines of a byte stream, a batch for each chunk that arrives: a line at a time would cost more than decoding it. A
 * line that is cut off at `lineLengthMax` has one character more than that.
 */
export async function* lineBatches(
  source: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    lines[0] = cut(rest, lines[0] as string);
    rest = lines.pop() as string;
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function cut(start: string, more: string): string {
  const room = lineLengthMax + 1 - start.length;
  return more.length <= room ? start + more : start + more.slice(0, room);
}
