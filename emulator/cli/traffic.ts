import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import type { Envelope } from '../../protocols/bus/envelope-types.js';
import { parseTopic, type Topic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { fromHex } from '../../protocols/codec/hex.js';
import { nobleCrypto } from '../../protocols/crypto/noble-crypto.js';
import { type DecodedMessage, decodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { decodeGbtBlock, type GbtBlock, isGbtBlock } from '../../protocols/gbcs/gbt.js';
import { GbtJoiner } from '../../protocols/gbcs/gbt-joiner.js';
import { FrameOpener } from '../../protocols/zigbee/security/frame-opener.js';
import type { FrameContent, OpenedFrame } from '../../protocols/zigbee/security/opened-frame.js';
import type { HomeKey } from '../fleet/control-protocol.js';

export type Plane = 'wan' | 'han' | 'events' | 'control';

interface Heard {
  /** The sender's own emulated UTC. */
  readonly timeMs: number;
  readonly home?: string | undefined;
}

export interface WanTraffic extends Heard {
  readonly plane: 'wan';
  readonly direction: 'down' | 'up';
  readonly hub: Eui64;
  /** The device at the home's end. */
  readonly device: string;
  readonly type?: string | undefined;
  /** Undefined while blocks of it are still to come. */
  readonly message?: DecodedMessage | undefined;
  /** One block of a large message. */
  readonly block?: GbtBlock | undefined;
}

export interface HanTraffic extends Heard {
  readonly plane: 'han';
  readonly band: string;
  readonly sender: Eui64 | undefined;
  readonly type?: string | undefined;
  /** Layer by layer, as far as there are keys. */
  readonly frame: OpenedFrame;
  /** The GBCS message that came out of a tunnel with this frame, its last fragment; or a block of one. */
  readonly message?: DecodedMessage | undefined;
  readonly block?: GbtBlock | undefined;
}

export interface EventTraffic extends Heard {
  readonly plane: 'events';
  readonly stream: string;
  /** EUI-64 of a device, or the name of a process. */
  readonly source: string;
  readonly type?: string | undefined;
  readonly retained: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Something on a topic of the fleet that does not decode. */
export interface BadTraffic {
  readonly plane: Plane | 'unknown';
  readonly topic: string;
  readonly home?: undefined;
  readonly error: { readonly path: string; readonly offset: number; readonly reason: string };
}

export type Traffic = WanTraffic | HanTraffic | EventTraffic | BadTraffic;

type WanContent =
  | { readonly message: DecodedMessage; readonly block?: undefined }
  | { readonly message?: DecodedMessage; readonly block: GbtBlock };

interface KnownDevice {
  readonly home: string | undefined;
  readonly type: string | undefined;
}

/** Homes whose frames are put together; anybody on the bus can make up more. */
const homesMax = 16_384;
/** Large messages that are put together at a time; beyond it, their blocks are all that is shown. */
const transfersMax = 256;

/**
 * Decodes what goes over a fleet's bus. Learns from presence messages which device lives where, and opens the frames of
 * the homes whose keys it is given.
 */
export class TrafficDecoder {
  private readonly known = new Map<string, KnownDevice>();
  private readonly openers = new Map<string, FrameOpener>();
  private readonly joiner = new GbtJoiner({ transfersMax });

  /** Says how many were news. */
  addKeys(keys: readonly HomeKey[]): number {
    let news = 0;
    for (const { home, key } of keys) if (this.openerOf(home).addKey(fromHex(key))) news++;
    return news;
  }

  /** Never throws: what does not decode is traffic, too. */
  decode(topicText: string, payload: Uint8Array, retained: boolean): Traffic {
    const topic = parseTopic(topicText);
    try {
      if (topic === undefined) throw new CodecError('topic', 0, 'not of the grammar');
      return this.read(topic, decodeEnvelope(payload), retained);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      return { plane: topic?.plane ?? 'unknown', topic: topicText, error: error.toJSON() };
    }
  }

  private read(topic: Topic, envelope: Envelope, retained: boolean): Traffic {
    const { timeMs, kind } = envelope;
    if (topic.plane === 'wan' && kind === 'gbcs') {
      const { block, message } = this.messageIn(envelope.body, timeMs);
      const { hub, direction } = topic;
      const { recipient, originator } = block ?? message;
      const device = direction === 'down' ? recipient : originator;
      const { home, type } = this.known.get(device) ?? this.known.get(hub) ?? {};
      return { plane: 'wan', timeMs, direction, hub, home, device, type, message, block };
    }
    if (topic.plane === 'han' && kind === 'frame') {
      const { home, band } = topic;
      const { sender } = envelope;
      const frame = this.openerOf(home).open(envelope.body);
      const said = tunnelled(frame.content);
      const type = this.known.get(sender ?? '')?.type;
      return { plane: 'han', timeMs, home, band, sender, type, frame, ...said };
    }
    if (topic.plane === 'events' && (kind === 'event' || kind === 'presence')) {
      const { stream } = topic;
      const { body } = envelope;
      const source = topic.source === 'device' ? topic.device : topic.process;
      if (kind === 'presence') this.learn(source, body);
      const { home, type } = this.known.get(source) ?? {};
      return { plane: 'events', timeMs, stream, source, home, type, retained, body };
    }
    throw new CodecError('envelope.kind', 0, `${kind} has no place on the ${topic.plane} plane`);
  }

  private messageIn(bytes: Uint8Array, timeMs: number): WanContent {
    if (!isGbtBlock(bytes)) return { message: decodeMessage(bytes) };
    const block = decodeGbtBlock(bytes);
    const progress = this.joiner.accept(block, timeMs);
    if (progress.state !== 'complete') return { block };
    return { block, message: decodeMessage(progress.message) };
  }

  private learn(source: string, body: Readonly<Record<string, unknown>>): void {
    const text = (value: unknown): string | undefined =>
      typeof value === 'string' ? value : undefined;
    this.known.set(source, { home: text(body.home), type: text(body.type) });
  }

  private openerOf(home: string): FrameOpener {
    let opener = this.openers.get(home);
    if (opener !== undefined) return opener;
    opener = new FrameOpener(nobleCrypto);
    if (this.openers.size < homesMax) this.openers.set(home, opener);
    return opener;
  }
}

/** On the air blocks stay blocks: the message they make is on the WAN. */
function tunnelled(content: FrameContent): Pick<HanTraffic, 'message' | 'block'> {
  const inTunnel = content.kind === 'zcl' ? content.tunnelled : undefined;
  if (inTunnel === undefined || !('message' in inTunnel) || inTunnel.message.length === 0) {
    return {};
  }
  const { message: bytes } = inTunnel;
  try {
    // The frame's octets are good until the next one comes.
    if (isGbtBlock(bytes)) return { block: decodeGbtBlock(bytes.slice()) };
    return { message: decodeMessage(bytes) };
  } catch (error) {
    // The frame itself is sound; what is in the tunnel is between its two ends.
    if (error instanceof CodecError) return {};
    throw error;
  }
}
