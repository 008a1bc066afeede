import { type Codec, type Decoded, encodeWith } from '../codec/codec.js';
import { under } from '../codec/codec-error.js';
import type { Reader } from '../codec/reader.js';
import { readPadding, writePadding } from './fields.js';

export interface TaggedField {
  readonly tag: number;
  readonly value: Codec<never> | Codec<unknown>;
}

/** In ascending order of their tags, which is the order on the wire. */
export type TaggedFields = { readonly [name: string]: TaggedField };

export type ValuesOf<F extends TaggedFields> = {
  readonly [N in keyof F]?: Decoded<F[N]['value']> | undefined;
};

/**
 * Fields of two octets tag, two octets length and a value padded to four octets: the options of pcapng blocks and the TLVs
 * of the 802.15.4 TAP header. Each may be absent and none may come twice. With `endTag`, a field of that tag and no
 * length closes a list that is not empty.
 */
export function taggedFields<F extends TaggedFields>(
  fields: F,
  endTag?: number,
): Codec<ValuesOf<F>> {
  const rules = Object.entries(fields).map(([name, { tag, value }]) => ({
    name,
    tag,
    value: value as Codec<unknown>,
  }));
  const byTag = new Map(rules.map((rule) => [rule.tag, rule]));

  function readField(reader: Reader, values: Record<string, unknown>, lastTag: number): number {
    const at = reader.offset;
    const tag = reader.u16Le();
    const length = reader.u16Le();
    if (tag === endTag) {
      if (lastTag < 0) reader.fail('an end without fields', at);
      if (length !== 0) reader.fail('the end has a length', at + 2);
      reader.done();
      return tag;
    }
    const rule = byTag.get(tag);
    if (rule === undefined) return reader.fail(`tag ${tag} is unknown here`, at);
    if (tag <= lastTag) reader.fail(`tag ${tag} after tag ${lastTag}`, at);
    try {
      const inner = reader.sub(length);
      values[rule.name] = rule.value.decode(inner);
      inner.done();
      readPadding(reader, length);
    } catch (error) {
      throw under(rule.name, error);
    }
    return tag;
  }

  return {
    decode(reader) {
      const values: Record<string, unknown> = {};
      let tag = -1;
      while (reader.remaining > 0 && (tag < 0 || tag !== endTag)) {
        tag = readField(reader, values, tag);
      }
      if (endTag !== undefined && tag >= 0 && tag !== endTag) reader.fail('no end of the fields');
      return values as ValuesOf<F>;
    },
    encode(writer, values) {
      let any = false;
      for (const { name, tag, value } of rules) {
        const given = (values as Record<string, unknown>)[name];
        if (given === undefined) continue;
        any = true;
        const octets = encodeWith(value, given, name);
        writer.u16Le(tag);
        writer.u16Le(octets.length);
        writer.bytes(octets);
        writePadding(writer, octets.length);
      }
      if (!any || endTag === undefined) return;
      writer.u16Le(endTag);
      writer.u16Le(0);
    },
  };
}
