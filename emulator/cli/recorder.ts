import { decodeEnvelope } from '../../protocols/bus/envelope.js';
import type { FrameEnvelope, GbcsEnvelope } from '../../protocols/bus/envelope-types.js';
import { type HanTopic, parseTopic, type WanTopic } from '../../protocols/bus/topics.js';
import { CodecError } from '../../protocols/codec/codec-error.js';
import {
  encodePcapngBlock,
  linkTypes,
  millisecondResolution,
  type PcapngBlock,
  packetDirections,
} from '../../protocols/pcapng/blocks.js';
import { encodeExportedPdu, gbcsDissector } from '../../protocols/pcapng/exported-pdu.js';
import { encodeTapFrame } from '../../protocols/pcapng/tap.js';
import { encodeZepFrame, zepPsduOctetsMax } from '../../protocols/pcapng/zep.js';
import type { HomeKey } from '../fleet/control-protocol.js';
import { TrafficDecoder } from './traffic.js';
import { trafficJson } from './traffic-lines.js';
import { type AskKeys, TrafficReader } from './traffic-reader.js';

/** Takes records or datagrams, as long as there is room. */
export interface RecordSink {
  append(record: Uint8Array): boolean;
}

export interface RecorderOutputs {
  readonly pcapng?: RecordSink | undefined;
  /** One JSON object a line, of the same packets; a packet's `packet` is its number in the pcapng file. */
  readonly jsonl?: RecordSink | undefined;
  /** ZEP datagrams, of frames only. */
  readonly zep?: { send(datagram: Uint8Array): boolean } | undefined;
}

export interface RecorderCounts {
  /** Frames of home networks. */
  frames: number;
  /** GBCS messages of the WAN. */
  messages: number;
  interfaces: number;
  /** What was on a topic of these planes and is no envelope of its kind. */
  undecodable: number;
  /** Packets and lines that an output had no room for. */
  leftOut: number;
}

/** Homes' airs; anybody on the bus can make up more. */
const interfacesMax = 262_144;
const wanInterface = 0;

const bandTexts: Readonly<Record<string, string>> = {
  '2g4': 'ZigBee, 2.4 GHz',
  '868': 'ZigBee, sub-GHz (868 MHz)',
};

/** Makes packets of what it hears on the WAN and HAN planes, in the order in which it hears it. */
export class Recorder {
  readonly counts: RecorderCounts = {
    frames: 0,
    messages: 0,
    interfaces: 0,
    undecodable: 0,
    leftOut: 0,
  };
  private readonly interfaces = new Map<string, number>();
  private readonly reader: TrafficReader;
  private readonly text = new TextEncoder();

  constructor(
    private readonly outputs: RecorderOutputs,
    /** The application that writes the file. */
    application: string,
    fleet: string,
    /** For the trace, which opens the frames as far as it has keys. */
    askKeys?: AskKeys,
  ) {
    this.reader = new TrafficReader(new TrafficDecoder(), askKeys);
    this.write({ block: 'sectionHeader', options: { application } });
    this.describe('wan', linkTypes.exportedPdu, `GBCS messages of the WAN of fleet ${fleet}`);
  }

  /** Packets so far. */
  get packets(): number {
    return this.counts.frames + this.counts.messages;
  }

  /** True if it was a packet. */
  hear(topicText: string, payload: Uint8Array): boolean {
    const topic = parseTopic(topicText);
    if (topic?.plane !== 'wan' && topic?.plane !== 'han') return false;
    const recorded = this.record(topic, payload);
    if (this.outputs.jsonl !== undefined) this.trace(topicText, payload, recorded);
    return recorded;
  }

  /** Presence of devices: the trace says which home and what device it is. */
  learn(topicText: string, payload: Uint8Array, retained: boolean): void {
    if (this.outputs.jsonl !== undefined) this.reader.decoder.decode(topicText, payload, retained);
  }

  /** For the trace. Says how many were news. */
  addKeys(keys: readonly HomeKey[]): number {
    return this.outputs.jsonl === undefined ? 0 : this.reader.decoder.addKeys(keys);
  }

  /** To be called at the end, before the outputs are closed. */
  close(): void {
    this.reader.release();
  }

  private record(topic: WanTopic | HanTopic, payload: Uint8Array): boolean {
    try {
      const envelope = decodeEnvelope(payload);
      if (topic.plane === 'wan' && envelope.kind === 'gbcs') return this.message(topic, envelope);
      if (topic.plane === 'han' && envelope.kind === 'frame') return this.frame(topic, envelope);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
    }
    this.counts.undecodable++;
    return false;
  }

  private message({ direction }: WanTopic, { body, timeMs }: GbcsEnvelope): boolean {
    const { inbound, outbound } = packetDirections;
    const taken = this.write({
      block: 'enhancedPacket',
      interfaceId: wanInterface,
      timestamp: timeMs,
      octets: encodeExportedPdu({ dissector: gbcsDissector, octets: body }),
      // As the head end sees it.
      options: { packetFlags: direction === 'down' ? outbound : inbound },
    });
    if (taken) this.counts.messages++;
    return taken;
  }

  private frame({ home, band }: HanTopic, { body, radio, timeMs }: FrameEnvelope): boolean {
    const interfaceId = this.interfaceOf(`${home}/${band}`, home, band);
    if (interfaceId === undefined) return false;
    const taken = this.write({
      block: 'enhancedPacket',
      interfaceId,
      timestamp: timeMs,
      octets: encodeTapFrame({ radio, psdu: body }),
      options: {},
    });
    if (taken) this.counts.frames++;
    this.feed(body, radio.channel, timeMs, interfaceId);
    return taken;
  }

  private feed(psdu: Uint8Array, channel: number, timeMs: number, interfaceId: number): void {
    const { zep } = this.outputs;
    if (zep === undefined) return;
    // A frame longer than any on the air is for the file only.
    const taken =
      psdu.length <= zepPsduOctetsMax &&
      zep.send(
        encodeZepFrame({
          channel,
          deviceId: interfaceId & 0xffff,
          timeMs,
          sequence: this.counts.frames,
          psdu,
        }),
      );
    if (!taken) this.counts.leftOut++;
  }

  private interfaceOf(name: string, home: string, band: string): number | undefined {
    const known = this.interfaces.get(name);
    if (known !== undefined) return known;
    if (this.interfaces.size >= interfacesMax) {
      this.counts.leftOut++;
      return undefined;
    }
    return this.describe(name, linkTypes.ieee802154Tap, `${bandTexts[band] ?? band} of ${home}`);
  }

  /** The number of the interface; undefined if the file has no room for it now. */
  private describe(name: string, linkType: number, description: string): number | undefined {
    const taken = this.write({
      block: 'interfaceDescription',
      linkType,
      snapLength: 0,
      options: { name, description, timeResolution: millisecondResolution },
    });
    if (!taken) return undefined;
    const number = this.counts.interfaces++;
    this.interfaces.set(name, number);
    return number;
  }

  private trace(topic: string, payload: Uint8Array, recorded: boolean): void {
    const packet = recorded ? { packet: this.packets } : {};
    this.reader.read(topic, payload, false, (traffic) => {
      const line = JSON.stringify({ ...packet, ...trafficJson(traffic) });
      const taken = this.outputs.jsonl?.append(this.text.encode(`${line}\n`));
      if (taken === false) this.counts.leftOut++;
    });
  }

  private write(block: PcapngBlock): boolean {
    const taken = this.outputs.pcapng?.append(encodePcapngBlock(block)) ?? true;
    if (!taken) this.counts.leftOut++;
    return taken;
  }
}
