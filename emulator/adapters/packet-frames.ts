type Place = 'type' | 'length' | 'body';

/**
 * Follows the packet boundaries of one MQTT stream without looking into the packets, to see a packet's length the
 * moment it is announced: the broker's parser would collect up to 256 MB before anybody could refuse it.
 *
 * @see MQTT 3.1.1 2.2
 */
export class PacketFrames {
  private place: Place = 'type';
  private left = 0;
  private factor = 1;

  constructor(private readonly packetLengthMax: number) {}

  /** Takes the next bytes of the stream; true if a packet among them is too long. */
  exceeds(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.place === 'body') {
        const passed = Math.min(this.left, chunk.length - at);
        at += passed;
        this.left -= passed;
        if (this.left === 0) this.place = 'type';
        continue;
      }
      const byte = chunk[at++] as number;
      if (this.place === 'type') {
        this.place = 'length';
        this.left = 0;
        this.factor = 1;
        continue;
      }
      this.left += (byte & 0x7f) * this.factor;
      this.factor *= 128;
      if (this.left > this.packetLengthMax) return true;
      // A fifth length byte is malformed: the parser behind sees to that.
      if (byte < 0x80) this.place = this.left === 0 ? 'type' : 'body';
    }
    return false;
  }
}
