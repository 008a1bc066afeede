import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import type { Envelope } from '../../protocols/bus/envelope-types.js';
import { parseTopic, type Topic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';
import { toHex } from '../../protocols/codec/hex.js';
import { type DecodedMessage, decodeMessage } from '../../protocols/gbcs/decoded-message.js';
import { decodeZigbeeFrame, type ZigbeeFrame } from '../../protocols/zigbee/frame.js';
import { decodeZclFrame } from '../../protocols/zigbee/zcl/frame.js';
import { decodeZclPayload, zclCommand } from '../../protocols/zigbee/zcl/payload.js';

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
  readonly message: DecodedMessage;
}

export interface HanTraffic extends Heard {
  readonly plane: 'han';
  readonly band: string;
  readonly sender: Eui64 | undefined;
  readonly type?: string | undefined;
  readonly frame: Record<string, unknown>;
  /** Cluster and command of an unprotected, unfragmented ZCL frame. */
  readonly zcl?: ZclSummary | undefined;
}

export interface ZclSummary {
  readonly cluster: string;
  readonly command: string;
  readonly sequenceNumber: number;
  readonly fields: unknown;
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

interface KnownDevice {
  readonly home: string | undefined;
  readonly type: string | undefined;
}

/** Decodes what goes over a fleet's bus. Learns from presence messages which device lives where. */
export class TrafficDecoder {
  private readonly known = new Map<string, KnownDevice>();

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
      const message = decodeMessage(envelope.body);
      const { hub, direction } = topic;
      const device = direction === 'down' ? message.recipient : message.originator;
      const { home, type } = this.known.get(device) ?? this.known.get(hub) ?? {};
      return { plane: 'wan', timeMs, direction, hub, home, device, type, message };
    }
    if (topic.plane === 'han' && kind === 'frame') {
      const { home, band } = topic;
      const frame = decodeZigbeeFrame(envelope.body);
      const { sender } = envelope;
      const zcl = zclSummary(frame);
      const type = this.known.get(sender ?? '')?.type;
      return { plane: 'han', timeMs, home, band, sender, type, frame: plainFrame(frame), zcl };
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

  private learn(source: string, body: Readonly<Record<string, unknown>>): void {
    const text = (value: unknown): string | undefined =>
      typeof value === 'string' ? value : undefined;
    this.known.set(source, { home: text(body.home), type: text(body.type) });
  }
}

/** JSON-safe: octets as hex. */
function plainFrame(frame: ZigbeeFrame): Record<string, unknown> {
  return { ...frame, payload: toHex(frame.payload) };
}

function zclSummary({ aps, payload }: ZigbeeFrame): ZclSummary | undefined {
  if (aps?.type !== 'data' || aps.auxiliaryHeader !== undefined || aps.fragment !== undefined) {
    return undefined;
  }
  try {
    const zcl = decodeZclFrame(payload);
    const { cluster, name } = zclCommand(aps.clusterId, zcl.frameControl, zcl.commandId);
    const fields = decodeZclPayload(aps.clusterId, zcl.frameControl, zcl.commandId, zcl.payload);
    return { cluster, command: name, sequenceNumber: zcl.sequenceNumber, fields };
  } catch (error) {
    // The frame itself is sound; what its ZCL says is between the two devices.
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}
