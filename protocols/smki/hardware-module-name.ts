import { AsnProp, AsnPropTypes, OctetString } from '@peculiar/asn1-schema';
import { GeneralName, OtherName, SubjectAlternativeName } from '@peculiar/asn1-x509';
import { CodecError } from '../codec/codec-error.js';
import { type Eui64, eui64FromBytes, eui64ToBytes } from '../codec/eui64.js';
import { parseWithLibrary, serialiseWithLibrary } from './library-codec.js';
import { oid } from './object-identifiers.js';

/** HardwareModuleName ::= SEQUENCE { hwType OBJECT IDENTIFIER, hwSerialNum OCTET STRING } (RFC 4108 5). */
class HardwareModuleName {
  hwType = '';
  hwSerialNum = new OctetString();
}
AsnProp({ type: AsnPropTypes.ObjectIdentifier })(HardwareModuleName.prototype, 'hwType');
AsnProp({ type: OctetString })(HardwareModuleName.prototype, 'hwSerialNum');

/** The extension value that names a device: one otherName, the only place of its EUI-64 (smki.md 2). */
export function encodeDeviceName(entity: Eui64): Uint8Array {
  const name = new HardwareModuleName();
  name.hwType = oid.deviceHardwareType;
  name.hwSerialNum = new OctetString(eui64ToBytes(entity));
  const otherName = new OtherName({
    typeId: oid.hardwareModuleName,
    value: new Uint8Array(serialiseWithLibrary(name)).buffer,
  });
  return serialiseWithLibrary(new SubjectAlternativeName([new GeneralName({ otherName })]));
}

/** Whatever the hardware type: live devices may have another than the published test PKI. */
export function decodeDeviceName(extensionValue: ArrayBuffer): Eui64 {
  const names = parseWithLibrary(extensionValue, SubjectAlternativeName);
  const otherName = names[0]?.otherName;
  if (names.length !== 1 || otherName?.typeId !== oid.hardwareModuleName) {
    throw new CodecError('', 0, 'need one hardware module name');
  }
  const serial = parseWithLibrary(otherName.value, HardwareModuleName).hwSerialNum.buffer;
  if (serial.byteLength !== 8) {
    throw new CodecError('', 0, `need an EUI-64 of 8 bytes, have ${serial.byteLength}`);
  }
  return eui64FromBytes(new Uint8Array(serial));
}
