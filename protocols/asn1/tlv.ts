import { Reader } from '../codec/reader.js';
import { Writer } from '../codec/writer.js';

/**
 * The DER layer: tag, length, content (asn1.md 1; X.690 clause 10).
 *
 * Why not asn1js: over the official payloads (117 elements each on average) `fromBER` parses some
 * 1,300 a second, a fiftieth of what this layer and the schema do; it accepts indefinite lengths,
 * lengths and integers that are not the shortest, and constructed strings; its errors carry no
 * offset, and some are a bare `Error`; and it cannot write the two-octet lengths. So this seam is
 * our own, and asn1js reads along in the tests.
 *
 * Tags are one identifier octet; nothing in GBCS or X.509 needs more.
 */

/**
 * How a payload writes lengths of 128 to 255: `shortest` as `81 nn` (DER), `two-octet` as `82 00
 * nn`, which some official responses and alerts do throughout. Never mixed, and never inside a
 * certificate or PKCS#10 request.
 */
export type LengthForm = 'shortest' | 'two-octet';

const hexOf = (octet: number): string => `0x${octet.toString(16).padStart(2, '0')}`;

/**
 * Reads nested TLVs without a reader per level: `end` moves in with `enter` and out with `leave`.
 */
export class TlvReader extends Reader {
  declare end: number;
  private form: LengthForm | undefined;
  private signedObject = false;

  /** Reads a header that must bear `tag`; returns the outer end, which `leave` takes back. */
  enter(tag: number): number {
    const at = this.offset;
    const found = this.u8();
    if (found !== tag) this.fail(`tag ${hexOf(found)} where ${hexOf(tag)} is due`, at);
    return this.open();
  }

  /** Reads a header of whatever single-octet tag. */
  enterAny(): number {
    const at = this.offset;
    const found = this.u8();
    if ((found & 0x1f) === 0x1f) this.fail(`tag ${hexOf(found)} is not of one octet`, at);
    return this.open();
  }

  /** Strictness: the content must have been used up. */
  leave(outer: number): void {
    if (this.offset !== this.end) this.done();
    this.end = outer;
  }

  /**
   * What lies between `enter` and `leave` is a signed object: plain DER whatever the payload around
   * it does.
   */
  beginSignedObject(): boolean {
    const outer = this.signedObject;
    this.signedObject = true;
    return outer;
  }

  endSignedObject(outer: boolean): void {
    this.signedObject = outer;
  }

  /**
   * The form that the lengths read so far have shown; payloads without lengths of 128 to 255 show
   * none.
   */
  get lengthForm(): LengthForm {
    return this.form ?? 'shortest';
  }

  private open(): number {
    const at = this.offset;
    const length = this.length();
    const outer = this.end;
    if (length > outer - this.offset) {
      this.fail(`length ${length}, but only ${outer - this.offset} bytes are left`, at);
    }
    this.end = this.offset + length;
    return outer;
  }

  private length(): number {
    const at = this.offset;
    const first = this.u8();
    if (first < 0x80) return first;
    if (first === 0x81) {
      const length = this.u8();
      if (length < 0x80) this.fail(`length ${length} is not in its shortest form`, at);
      if (!this.signedObject) this.use('shortest', at);
      return length;
    }
    if (first === 0x82) {
      const length = this.u16();
      if (length >= 0x100) return length;
      if (length < 0x80 || this.signedObject) {
        this.fail(`length ${length} is not in its shortest form`, at);
      }
      this.use('two-octet', at);
      return length;
    }
    if (first !== 0x83) this.fail(`length form ${hexOf(first)} is not supported`, at);
    const length = this.u24();
    if (length < 0x10000) this.fail(`length ${length} is not in its shortest form`, at);
    return length;
  }

  private use(form: LengthForm, at: number): void {
    if (this.form !== undefined && this.form !== form) {
      this.fail(`a ${form} length among ${this.form} lengths`, at);
    }
    this.form = form;
  }
}

const oneOctet = new Uint8Array(1);
const twoOctets = new Uint8Array(2);
const threeOctets = new Uint8Array(3);

/** Writes nested TLVs: `begin`, content, `end`; the length goes in when the content is known. */
export class TlvWriter extends Writer {
  private form: LengthForm = 'shortest';
  private signedObject = false;

  /** Forgets what was written, keeps the room. */
  restart(form: LengthForm): this {
    this.form = form;
    this.signedObject = false;
    return this.reset();
  }

  /** Returns the mark that `end` takes. */
  begin(tag: number): number {
    this.u8(tag);
    this.u8(0);
    return this.offset;
  }

  end(mark: number): void {
    const length = this.offset - mark;
    if (length < 0x80) {
      this.patchU8(mark - 1, length);
    } else if (length < 0x100 && (this.form === 'shortest' || this.signedObject)) {
      oneOctet[0] = length;
      this.patchU8(mark - 1, 0x81);
      this.insert(mark, oneOctet);
    } else if (length < 0x10000) {
      twoOctets[0] = length >>> 8;
      twoOctets[1] = length & 0xff;
      this.patchU8(mark - 1, 0x82);
      this.insert(mark, twoOctets);
    } else {
      if (length > 0xffffff) this.fail(`content of ${length} bytes is too long`);
      threeOctets[0] = length >>> 16;
      threeOctets[1] = (length >>> 8) & 0xff;
      threeOctets[2] = length & 0xff;
      this.patchU8(mark - 1, 0x83);
      this.insert(mark, threeOctets);
    }
  }

  beginSignedObject(): boolean {
    const outer = this.signedObject;
    this.signedObject = true;
    return outer;
  }

  endSignedObject(outer: boolean): void {
    this.signedObject = outer;
  }
}
