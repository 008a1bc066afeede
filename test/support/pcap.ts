/** IEEE 802.15.4 without frame check sequence. */
export const linkTypeIeee802154 = 230;

/** A classic pcap file, one record a frame, a millisecond apart. */
export function pcapOf(frames: readonly Uint8Array[], linkType: number): Uint8Array {
  const length = frames.reduce((sum, frame) => sum + 16 + frame.length, 24);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 0xffff);
  view.setUint32(20, linkType);
  let at = 24;
  for (const [index, frame] of frames.entries()) {
    view.setUint32(at, Math.floor(index / 1000));
    view.setUint32(at + 4, (index % 1000) * 1000);
    view.setUint32(at + 8, frame.length);
    view.setUint32(at + 12, frame.length);
    file.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return file;
}
