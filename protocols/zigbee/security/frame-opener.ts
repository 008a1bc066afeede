import { decodeWith } from '../../codec/codec.js';
import { CodecError, within } from '../../codec/codec-error.js';
import { Reader } from '../../codec/reader.js';
import type { ApsDataHeader, ApsHeader } from '../aps.js';
import { ApsCommand } from '../aps-command.js';
import { ApsReassembler, defaultReassemblyLimits } from '../aps-fragments.js';
import { Beacon } from '../beacon.js';
import { type MacAddress, MacHeader, psduOctetsMax } from '../ieee802154.js';
import { MacCommand } from '../mac-command.js';
import type { NwkHeader } from '../nwk.js';
import { NwkCommand } from '../nwk-command.js';
import {
  type FrameCipher,
  type LayerFrame,
  readApsFrame,
  readNwkFrame,
  unseal,
} from './frame-security.js';
import { ListenerAddresses } from './listener-addresses.js';
import { ListenerKeys } from './listener-keys.js';
import type { BlockCipher } from './mmo.js';
import type {
  FrameContent,
  LayerSecurity,
  OpenedAps,
  OpenedFrame,
  OpenedHeader,
  OpenedLayer,
} from './opened-frame.js';
import { readAsdu } from './read-asdu.js';

/** What a listener asks of a `Crypto`. */
export type OpenerCipher = BlockCipher & Pick<FrameCipher, 'ccmStarOpen'>;

/**
 * A listener's clock is the number of its frames, since emulated time may pass a thousand times
 * faster than frames do: so many later what is not whole is given up. Each hop of a relayed ASDU is put
 * together by itself, hence more at once than at a node.
 */
const reassemblyLimits = { ...defaultReassemblyLimits, transmissionsMax: 16, lifetimeMs: 1_024 };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A frame on the way: what has been read of it, and the octets not read yet. */
type Draft = Mutable<Omit<OpenedFrame, 'content'>> & { rest: Uint8Array };

/**
 * Opens the frames of one network as somebody who only listens: takes no part, keeps no replay rule,
 * and learns what the frames give away, which is short addresses and the keys that are transported
 * under a key it has. Never throws, whatever the octets, and is bounded in all that it keeps. Frames
 * must come in the order of the air.
 */
export class FrameOpener {
  private readonly keys: ListenerKeys;
  private readonly addresses = new ListenerAddresses();
  private reassembler: ApsReassembler | undefined;
  private frames = 0;

  constructor(private readonly cipher: OpenerCipher) {
    this.keys = new ListenerKeys(cipher);
  }

  /** A network key or a link key (also one of before key establishment). False if it is known. */
  addKey(key: Uint8Array): boolean {
    return this.keys.add(key);
  }

  /** Keys given and learned. */
  get keyCount(): number {
    return this.keys.size;
  }

  /** `psdu` is without its frame check sequence. What comes of it may hold views of it. */
  open(psdu: Uint8Array): OpenedFrame {
    this.frames++;
    const draft: Draft = { mac: undefined, nwk: undefined, aps: undefined, rest: psdu };
    const content = contentOr(draft, () => this.readMac(draft, psdu));
    return { mac: draft.mac, nwk: draft.nwk, aps: draft.aps, content };
  }

  private readMac(draft: Draft, psdu: Uint8Array): FrameContent {
    const reader = new Reader(psdu);
    const mac = within('mac', () => {
      if (psdu.length > psduOctetsMax) reader.fail(`a PSDU has at most ${psduOctetsMax} bytes`);
      return MacHeader.decode(reader);
    });
    draft.mac = mac;
    draft.rest = reader.rest();
    switch (mac.type) {
      case 'beacon':
        return { kind: 'beacon', beacon: decodeWith(Beacon, draft.rest, 'beacon') };
      case 'acknowledgment':
        if (draft.rest.length > 0) throw new CodecError('mac', 3, 'nothing follows');
        return { kind: 'mac-acknowledgment' };
      case 'command': {
        const command = decodeWith(MacCommand, draft.rest, 'macCommand');
        this.addresses.learnFromMacCommand(mac, command);
        return { kind: 'mac-command', command };
      }
      case 'data':
        return this.readNwk(draft, mac.source);
    }
  }

  private readNwk(draft: Draft, hop: MacAddress | undefined): FrameContent {
    const frame = readNwkFrame(draft.rest);
    const { header, security } = frame;
    draft.rest = frame.body;
    let payload: Uint8Array = frame.body;
    if (security === undefined) {
      draft.nwk = layerOf(header, undefined);
    } else {
      const { source } = security;
      const opened = this.unseal(frame, `nwk ${security.keySequenceNumber}`, security);
      const verdict = typeof opened === 'string' ? opened : 'ok';
      draft.nwk = layerOf(header, { ...security, verdict });
      if (typeof opened === 'string') {
        return { kind: 'closed', layer: 'nwk', reason: opened, octets: frame.body };
      }
      payload = opened;
      draft.rest = payload;
      // Secured anew at each hop, by who sends it there.
      if (typeof hop === 'number' && source !== undefined) this.addresses.learn(hop, source);
    }
    this.addresses.learnFromNwkHeader(header);
    if (header.type === 'data') return this.readAps(draft, header, hop, payload);
    const command = decodeWith(NwkCommand, payload, 'nwkCommand');
    this.addresses.learnFromNwkCommand(header, command);
    return { kind: 'nwk-command', command };
  }

  private unseal(
    frame: LayerFrame<NwkHeader | ApsHeader>,
    use: string,
    { source, keyIdentifier }: Pick<LayerSecurity, 'source' | 'keyIdentifier'>,
  ): Uint8Array | 'no-key' | 'mic-invalid' {
    const { auxiliaryHeader } = frame.header;
    if (source === undefined || auxiliaryHeader === undefined) return 'no-key';
    return this.keys.open(use, keyIdentifier, (key) =>
      unseal(this.cipher, frame, auxiliaryHeader, key, source),
    );
  }

  private readAps(
    draft: Draft,
    nwk: NwkHeader,
    hop: MacAddress | undefined,
    octets: Uint8Array,
    carried = false,
  ): FrameContent {
    const frame = readApsFrame(octets);
    const { header, security } = frame;
    draft.rest = frame.body;
    let payload: Uint8Array = frame.body;
    if (security === undefined) {
      draft.aps = layerOf(header, undefined);
    } else {
      const source = security.source ?? this.addresses.euiOf(nwk.source);
      const known = { ...security, source };
      const use = `${security.keyIdentifier} ${source} ${nwk.destination}`;
      const opened = this.unseal(frame, use, known);
      const verdict = typeof opened === 'string' ? opened : 'ok';
      draft.aps = layerOf(header, { ...known, verdict });
      if (typeof opened === 'string') {
        return { kind: 'closed', layer: 'aps', reason: opened, octets: frame.body };
      }
      payload = opened;
      draft.rest = payload;
    }
    if (header.type === 'acknowledgment') return { kind: 'aps-acknowledgment' };
    if (header.type === 'command') return this.readApsCommand(nwk, hop, payload, carried);
    return this.readData(draft, header, nwk.source, hop, payload);
  }

  private readApsCommand(
    nwk: NwkHeader,
    hop: MacAddress | undefined,
    payload: Uint8Array,
    carried: boolean,
  ): FrameContent {
    const command = decodeWith(ApsCommand, payload, 'apsCommand');
    this.addresses.learnFromApsCommand(command);
    if (command.command === 'transport-key') this.keys.add(command.key);
    if (command.command !== 'tunnel' || carried) {
      return { kind: 'aps-command', command, carried: undefined };
    }
    const draft: Draft = { mac: undefined, nwk: undefined, aps: undefined, rest: command.frame };
    const content = contentOr(draft, () => this.readAps(draft, nwk, hop, command.frame, true));
    const inner: OpenedAps = { aps: draft.aps, content };
    return { kind: 'aps-command', command, carried: inner };
  }

  private readData(
    draft: Draft,
    header: ApsDataHeader,
    source: number,
    hop: MacAddress | undefined,
    payload: Uint8Array,
  ): FrameContent {
    const { fragment, counter } = header;
    let asdu: Uint8Array | undefined = payload;
    if (fragment !== undefined) {
      const sender = (typeof hop === 'number' ? hop : 0xffff) * 0x1_0000 + source;
      this.reassembler ??= new ApsReassembler(reassemblyLimits);
      asdu = this.reassembler.push(sender, counter, fragment, payload, this.frames);
      if (asdu === undefined) {
        const index = fragment.first ? 0 : fragment.blockNumber;
        const known = this.reassembler.blockCountOf(sender, counter);
        const count = fragment.first ? fragment.blockNumber : known;
        return { kind: 'fragment', index, count, octets: payload };
      }
      draft.rest = asdu;
    }
    const content = readAsdu(header, asdu);
    if (content.kind === 'zdo') this.addresses.learnFromZdo(content.message);
    return content;
  }
}

/** What `read` gives, or where it failed, with the octets behind the last header. */
function contentOr(draft: Draft, read: () => FrameContent): FrameContent {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { kind: 'malformed', error: error.toJSON(), octets: draft.rest };
  }
}

function layerOf<Header extends { readonly auxiliaryHeader: unknown }>(
  header: Header,
  security: LayerSecurity | undefined,
): OpenedLayer<Header> {
  const { auxiliaryHeader: _octets, ...fields } = header;
  return { header: fields as OpenedHeader<Header>, security };
}
