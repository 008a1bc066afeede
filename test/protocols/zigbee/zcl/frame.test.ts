import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../../protocols/codec/codec-error.js';
import { toHex } from '../../../../protocols/codec/hex.js';
import {
  decodeZclFrame,
  disablesDefaultResponse,
  encodeZclFrame,
  isClusterCommand,
  isGeneralCommand,
  isManufacturerSpecific,
  isServerToClient,
} from '../../../../protocols/zigbee/zcl/frame.js';
import { bytesOf } from '../../../support/codec-table.js';

describe('ZCL frame', () => {
  it('splits header and payload', () => {
    expect(decodeZclFrame(bytesOf('00 2a 00 0000 0003'))).toEqual({
      frameControl: 0x00,
      sequenceNumber: 0x2a,
      commandId: 0x00,
      payload: bytesOf('0000 0003'),
    });
    expect(decodeZclFrame(bytesOf('1d 3412 07 01'))).toEqual({
      frameControl: 0x1d,
      manufacturerCode: 0x1234,
      sequenceNumber: 0x07,
      commandId: 0x01,
      payload: new Uint8Array(0),
    });
  });

  it.each(['00 2a 00 0000', '1d 3412 07 01', 'e9 00 00'])('writes %s back', (wire) => {
    expect(toHex(encodeZclFrame(decodeZclFrame(bytesOf(wire))))).toBe(wire.replace(/ /g, ''));
  });

  it.each(['', '00', '00 2a', '04 34 12 07'])('refuses the short header "%s"', (wire) => {
    expect(() => decodeZclFrame(bytesOf(wire))).toThrow(CodecError);
  });

  it('refuses a manufacturer code that is not announced, and the reverse', () => {
    const frame = { sequenceNumber: 0, commandId: 0, payload: new Uint8Array(0) };
    expect(() => encodeZclFrame({ ...frame, frameControl: 0, manufacturerCode: 1 })).toThrow(
      CodecError,
    );
    expect(() => encodeZclFrame({ ...frame, frameControl: 4 })).toThrow(CodecError);
  });

  it('tells type, direction and flags of the frame control', () => {
    expect(isGeneralCommand(0x18)).toBe(true);
    expect(isClusterCommand(0x19)).toBe(true);
    expect(isServerToClient(0x09)).toBe(true);
    expect(isServerToClient(0x01)).toBe(false);
    expect(isManufacturerSpecific(0x05)).toBe(true);
    expect(disablesDefaultResponse(0x18)).toBe(true);
    expect(disablesDefaultResponse(0x08)).toBe(false);
  });
});
