import { describe, expect, it } from 'vitest';
import { type LengthForm, TlvReader, TlvWriter } from '../../../protocols/asn1/tlv.js';
import { CodecError } from '../../../protocols/codec/codec-error.js';
import { toHex } from '../../../protocols/codec/hex.js';
import { bytes } from '../../support/asn1-payloads.js';

function readOctets(content: Uint8Array): number {
  const reader = new TlvReader(content);
  const outer = reader.enter(0x04);
  const length = reader.remaining;
  reader.skip(length);
  reader.leave(outer);
  reader.done();
  return length;
}

function octets(header: string, length: number): Uint8Array {
  const head = bytes(header);
  const whole = new Uint8Array(head.length + length);
  whole.set(head);
  return whole;
}

function writeOctets(length: number, form: LengthForm): string {
  const writer = new TlvWriter().restart(form);
  const mark = writer.begin(0x04);
  writer.bytes(new Uint8Array(length));
  writer.end(mark);
  return toHex(writer.finish().subarray(0, 5));
}

describe('TLV headers', () => {
  it.each([
    ['0400', 0],
    ['047f', 127],
    ['048180', 128],
    ['0481ff', 255],
    ['04820100', 256],
    ['0482ffff', 65535],
    ['0483010000', 65536],
  ])('%s is read and written in DER', (header, length) => {
    expect(readOctets(octets(header, length))).toBe(length);
    expect(writeOctets(length, 'shortest').slice(0, header.length)).toBe(header);
  });

  it.each([
    ['047f', 127],
    ['04820080', 128],
    ['048200ff', 255],
    ['04820100', 256],
    ['0483010000', 65536],
  ])('%s is read and written with two-octet lengths', (header, length) => {
    const whole = octets(header, length);
    const reader = new TlvReader(whole);
    reader.enter(0x04);
    const quirk = length >= 128 && length < 256;
    expect(reader.lengthForm).toBe(quirk ? 'two-octet' : 'shortest');
    expect(writeOctets(length, 'two-octet').slice(0, header.length)).toBe(header);
  });

  it.each([
    ['04817f', 127, 1, 'shortest'],
    ['0482007f', 127, 1, 'shortest'],
    ['04830000ff', 255, 1, 'shortest'],
    ['048300ffff', 65535, 1, 'shortest'],
    ['0480', 2, 1, 'not supported'],
    ['048400000001', 1, 1, 'not supported'],
    ['04ff', 1, 1, 'not supported'],
    ['0205', 5, 0, 'tag 0x02 where 0x04 is due'],
  ])('%s is refused', (header, length, offset, reason) => {
    let thrown: unknown;
    try {
      readOctets(octets(header, length));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CodecError);
    expect((thrown as CodecError).offset).toBe(offset);
    expect((thrown as CodecError).reason).toContain(reason);
  });

  it('refuses a length beyond the enclosing element, with the offset of the length', () => {
    const reader = new TlvReader(bytes('3003 0402aa bb'));
    reader.enter(0x30);
    expect(() => reader.enter(0x04)).toThrow('@3: length 2, but only 1 bytes are left');
  });

  it('refuses the two length forms in one payload', () => {
    const inner = octets('048180', 128);
    const reader = new TlvReader(octets('30820083', 131));
    reader.enter(0x30);
    reader.source.set(inner, 4);
    expect(() => reader.enter(0x04)).toThrow('@5: a shortest length among two-octet lengths');
  });

  it('keeps signed objects in DER inside a two-octet payload', () => {
    const writer = new TlvWriter().restart('two-octet');
    const payload = writer.begin(0x30);
    const outer = writer.beginSignedObject();
    const mark = writer.begin(0x30);
    writer.bytes(new Uint8Array(128));
    writer.end(mark);
    writer.endSignedObject(outer);
    writer.end(payload);
    const written = writer.finish();
    expect(toHex(written.subarray(0, 7))).toBe('30820083308180');

    const reader = new TlvReader(written);
    reader.enter(0x30);
    reader.beginSignedObject();
    reader.enter(0x30);
    expect(reader.lengthForm).toBe('two-octet');
  });
});
