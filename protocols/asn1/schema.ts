import { CodecError, under } from '../codec/codec-error.js';
import type { TlvReader, TlvWriter } from './tlv.js';

/**
 * The schema interpreter: an ASN.1 type is a value, built once at load from the declarations in
 * `structures.ts` and `x509.ts`; decoding, encoding and the TypeScript type all come from it.
 *
 * Decoded values are JSON-safe. SEQUENCE is an object, SEQUENCE OF and SET OF an array, CHOICE an
 * object with the chosen alternative as its one key, OPTIONAL a missing key; DEFAULT values are
 * filled in when decoding, and may be left out when encoding. Errors are CodecError only. The leaf
 * types are in `primitives.ts` and `unparsed.ts`.
 *
 * Not kept: the order of SET OF elements is read as it comes (DER sorts them; GBCS and SMKI sets
 * have one element).
 */
export interface Asn1Type<T> {
  /** Whether a value may begin with this identifier octet; -1 (the end) never. */
  accepts(tag: number): boolean;
  decode(reader: TlvReader): T;
  encode(writer: TlvWriter, value: T): void;
}

export type ValueOf<X> = X extends Asn1Type<infer T> ? T : never;

/** A wrong value in an error message, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : typeof value;
}

/** Anything that a payload may hold. */
export type Asn1Value =
  | null
  | boolean
  | number
  | string
  | readonly Asn1Value[]
  | { readonly [name: string]: Asn1Value };

/** A type with one tag: its content can be put under another one. */
export abstract class TaggedType<T> implements Asn1Type<T> {
  constructor(readonly tag: number) {}

  /** Reads content from `reader.offset` to `reader.end`. */
  abstract read(reader: TlvReader): T;
  abstract write(writer: TlvWriter, value: T): void;

  /** The form in which decoding gives this value (a name for its number). */
  canonical(value: T): T {
    return value;
  }

  accepts(tag: number): boolean {
    return tag === this.tag;
  }

  decode(reader: TlvReader): T {
    const outer = reader.enter(this.tag);
    const value = this.read(reader);
    reader.leave(outer);
    return value;
  }

  encode(writer: TlvWriter, value: T): void {
    const mark = writer.begin(this.tag);
    this.write(writer, value);
    writer.end(mark);
  }
}

const constructed = 0x20;
const contextClass = 0x80;

class ImplicitType<T> extends TaggedType<T> {
  constructor(
    number: number,
    private readonly inner: TaggedType<T>,
  ) {
    super(contextClass | (inner.tag & constructed) | number);
  }

  read(reader: TlvReader): T {
    return this.inner.read(reader);
  }

  write(writer: TlvWriter, value: T): void {
    this.inner.write(writer, value);
  }

  override canonical(value: T): T {
    return this.inner.canonical(value);
  }
}

/** `[number] IMPLICIT type`: the context tag in place of the type's own. */
export function implicit<T>(number: number, type: TaggedType<T>): TaggedType<T> {
  return new ImplicitType(number, type);
}

class EnclosingType<T> extends TaggedType<T> {
  constructor(
    tag: number,
    private readonly prefix: number,
    private readonly inner: Asn1Type<T>,
  ) {
    super(tag);
  }

  read(reader: TlvReader): T {
    if (this.prefix >= 0 && reader.u8() !== this.prefix) {
      reader.fail('unused bits around a DER value', reader.offset - 1);
    }
    return this.inner.decode(reader);
  }

  write(writer: TlvWriter, value: T): void {
    if (this.prefix >= 0) writer.u8(this.prefix);
    this.inner.encode(writer, value);
  }

  override canonical(value: T): T {
    return this.inner instanceof TaggedType ? this.inner.canonical(value) : value;
  }
}

/** `[number] EXPLICIT type`: a context tag around the whole TLV. */
export function explicit<T>(number: number, type: Asn1Type<T>): TaggedType<T> {
  return new EnclosingType(contextClass | constructed | number, -1, type);
}

/** An OCTET STRING whose content is the DER of `type`. */
export function octetStringContaining<T>(type: Asn1Type<T>): TaggedType<T> {
  return new EnclosingType(0x04, -1, type);
}

/** A BIT STRING without unused bits whose content is the DER of `type`. */
export function bitStringContaining<T>(type: Asn1Type<T>): TaggedType<T> {
  return new EnclosingType(0x03, 0, type);
}

type Presence = 'required' | 'optional' | 'default';
type Before = { readonly [name: string]: unknown };

/** How a SEQUENCE holds a component that is not simply a required type. */
export class Component<T, P extends Presence> {
  constructor(
    readonly presence: P,
    readonly type: Asn1Type<T> | undefined,
    readonly select: ((before: Before) => Asn1Type<T>) | undefined,
    readonly fallback: T | undefined,
  ) {}
}

export function optional<T>(type: Asn1Type<T>): Component<T, 'optional'> {
  return new Component('optional', type, undefined, undefined);
}

/**
 * A scalar with DEFAULT: on the wire only when it differs (`fallback` in the form that decoding
 * gives).
 */
export function withDefault<T extends string | number | boolean>(
  type: TaggedType<T>,
  fallback: T,
): Component<T, 'default'> {
  return new Component('default', type, undefined, fallback);
}

/** An open type: the components before it say what it is. */
export function governed<T>(select: (before: Before) => Asn1Type<T>): Component<T, 'required'> {
  return new Component('required', undefined, select, undefined);
}

export function optionallyGoverned<T>(
  select: (before: Before) => Asn1Type<T>,
): Component<T, 'optional'> {
  return new Component('optional', undefined, select, undefined);
}

type Components = { readonly [name: string]: Asn1Type<unknown> | Component<unknown, Presence> };
type ComponentValue<C> = C extends Component<infer T, Presence> ? T : ValueOf<C>;
type OptionalNames<C> = {
  [K in keyof C]: C[K] extends Component<infer _T, 'optional'> ? K : never;
}[keyof C];
type Flat<T> = { [K in keyof T]: T[K] };
export type SequenceValue<C> = Flat<
  { readonly [K in Exclude<keyof C, OptionalNames<C>>]: ComponentValue<C[K]> } & {
    readonly [K in OptionalNames<C>]?: ComponentValue<C[K]>;
  }
>;

function decodePart(type: Asn1Type<unknown>, reader: TlvReader, name: string | number): unknown {
  if (reader.trace === undefined) return type.decode(reader);
  const shown = typeof name === 'number' ? `[${name}]` : name;
  return reader.trace.field(reader, shown, () => type.decode(reader));
}

type Step = { readonly name: string } & Component<unknown, Presence>;

class SequenceType<T> extends TaggedType<T> {
  private readonly steps: readonly Step[];

  constructor(components: Components) {
    super(0x30);
    this.steps = Object.entries(components).map(([name, component]) => {
      if (component instanceof Component) return { name, ...component };
      return { name, ...new Component('required', component, undefined, undefined) };
    });
  }

  read(reader: TlvReader): T {
    const value: Record<string, unknown> = {};
    let name = '';
    try {
      for (const step of this.steps) {
        name = step.name;
        const type = step.type ?? step.select?.(value);
        if (type === undefined) continue;
        if (step.presence !== 'required' && !type.accepts(reader.peek())) {
          if (step.presence === 'default') value[name] = step.fallback;
          continue;
        }
        const at = reader.offset;
        const decoded = decodePart(type, reader, name);
        if (step.presence === 'default' && decoded === step.fallback) {
          reader.fail('a DEFAULT value must be left out', at);
        }
        value[name] = decoded;
      }
    } catch (error) {
      throw under(name, error);
    }
    return value as T;
  }

  write(writer: TlvWriter, value: T): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      writer.fail('not an object');
    }
    const record = value as Record<string, unknown>;
    let left = 0;
    for (const _ in record) left++;
    let name = '';
    try {
      for (const step of this.steps) {
        name = step.name;
        const component = record[name];
        if (component !== undefined) left--;
        if (component === undefined && step.presence !== 'required') continue;
        if (component === undefined) writer.fail('missing');
        const type = step.type ?? step.select?.(record);
        if (type === undefined) continue;
        if (step.presence === 'default' && isDefault(type, component, step.fallback)) continue;
        type.encode(writer, component);
      }
    } catch (error) {
      throw under(name, error);
    }
    if (left !== 0) this.refuseOthers(writer, record);
  }

  /** A misspelt OPTIONAL would be lost without a word otherwise. */
  private refuseOthers(writer: TlvWriter, record: Record<string, unknown>): void {
    for (const name of Object.keys(record)) {
      if (record[name] !== undefined && !this.steps.some((step) => step.name === name)) {
        throw new CodecError(name, writer.offset, 'no such component');
      }
    }
  }
}

function isDefault(type: Asn1Type<unknown>, value: unknown, fallback: unknown): boolean {
  return type instanceof TaggedType && type.canonical(value) === fallback;
}

/** SEQUENCE, components in wire order. */
export function sequence<C extends Components>(components: C): TaggedType<SequenceValue<C>> {
  return new SequenceType(components);
}

class ListType<T> extends TaggedType<readonly T[]> {
  constructor(
    tag: number,
    private readonly element: Asn1Type<T>,
  ) {
    super(tag);
  }

  read(reader: TlvReader): readonly T[] {
    const list: T[] = [];
    try {
      while (reader.offset < reader.end) {
        list.push(decodePart(this.element, reader, list.length) as T);
      }
    } catch (error) {
      throw under(`[${list.length}]`, error);
    }
    return list;
  }

  write(writer: TlvWriter, value: readonly T[]): void {
    if (!Array.isArray(value)) writer.fail('not an array');
    let index = 0;
    try {
      for (; index < value.length; index++) this.element.encode(writer, value[index] as T);
    } catch (error) {
      throw under(`[${index}]`, error);
    }
  }
}

export function sequenceOf<T>(element: Asn1Type<T>): TaggedType<readonly T[]> {
  return new ListType(0x30, element);
}

export function setOf<T>(element: Asn1Type<T>): TaggedType<readonly T[]> {
  return new ListType(0x31, element);
}

type Alternatives = { readonly [name: string]: Asn1Type<unknown> };
/** A union of objects with one key each. */
export type ChoiceValue<A> = { [K in keyof A]: { readonly [N in K]: ValueOf<A[N]> } }[keyof A];

class ChoiceType<T> implements Asn1Type<T> {
  private readonly alternatives: readonly (readonly [string, Asn1Type<unknown>])[];

  constructor(alternatives: Alternatives) {
    this.alternatives = Object.entries(alternatives);
  }

  accepts(tag: number): boolean {
    return this.alternatives.some(([, type]) => type.accepts(tag));
  }

  decode(reader: TlvReader): T {
    const tag = reader.peek();
    for (const [name, type] of this.alternatives) {
      if (!type.accepts(tag)) continue;
      try {
        return { [name]: decodePart(type, reader, name) } as T;
      } catch (error) {
        throw under(name, error);
      }
    }
    if (tag < 0) reader.need(1);
    const names = this.alternatives.map(([name]) => name).join(', ');
    return reader.fail(`tag 0x${tag.toString(16)} is none of ${names}`);
  }

  encode(writer: TlvWriter, value: T): void {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const chosen = names.length === 1 ? names[0] : undefined;
    for (const [name, type] of this.alternatives) {
      if (name !== chosen) continue;
      try {
        type.encode(writer, (value as Record<string, unknown>)[name]);
        return;
      } catch (error) {
        throw under(name, error);
      }
    }
    const known = this.alternatives.map(([name]) => name).join(', ');
    writer.fail(`not an object with one of ${known} as its only key`);
  }
}

/** CHOICE; where several alternatives accept a tag the first one takes it. */
export function choice<A extends Alternatives>(alternatives: A): Asn1Type<ChoiceValue<A>> {
  return new ChoiceType(alternatives);
}
