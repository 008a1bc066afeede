/** Wireshark's exported PDU: bytes for the dissector of that name, without any layer below. */
export const linkTypeExportedPdu = 252;

const dissectorNameTag = 12;

/** Tags of two bytes number and two bytes length, values padded to four bytes; tag 0 ends them. */
export function exportedPdu(dissector: string, bytes: Uint8Array): Uint8Array {
  const nameLength = Math.ceil(dissector.length / 4) * 4;
  const frame = new Uint8Array(8 + nameLength + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, dissectorNameTag);
  view.setUint16(2, nameLength);
  frame.set(new TextEncoder().encode(dissector), 4);
  frame.set(bytes, 8 + nameLength);
  return frame;
}
