import type { Codec, Decoded } from '../../codec/codec.js';
import { CodecError, under } from '../../codec/codec-error.js';
import { Reader } from '../../codec/reader.js';
import { show } from '../../codec/show.js';
import { written } from '../../codec/writer.js';
import { zdoMessages } from './messages.js';

/** The ZigBee Device Profile, spoken between the endpoints 0 of all nodes. */
export const zdoProfileId = 0x0000;
export const zdoEndpoint = 0;

/** A message's name in the standard: `Match_Desc_req`. */
export type ZdoName = keyof typeof zdoMessages;
export type ZdoFields<N extends ZdoName> = Decoded<(typeof zdoMessages)[N]['fields']>;

/** A message of the ZigBee Device Profile, told apart by `name`. */
export type ZdoMessage = {
  [N in ZdoName]: {
    readonly name: N;
    /** A response has that of its request. */
    readonly transactionSequence: number;
    readonly fields: ZdoFields<N>;
  };
}[ZdoName];

const entries = Object.entries(zdoMessages) as [
  ZdoName,
  { readonly clusterId: number; readonly fields: Codec<unknown> },
][];
const byName: ReadonlyMap<unknown, Codec<unknown>> = new Map(
  entries.map(([name, { fields }]) => [name, fields]),
);
const namesByCluster = new Map(entries.map(([name, { clusterId }]) => [clusterId, name]));

/** Set in the cluster of a response: 0x8002 answers 0x0002. */
export const zdoResponseBit = 0x8000;

/** The APS cluster of a message. */
export function zdoClusterId(name: ZdoName): number {
  return zdoMessages[name].clusterId;
}

/**
 * Undefined for a message that is not declared; a unicast request of that kind is answered with the
 * status `notSupported` under the cluster with `zdoResponseBit`.
 */
export function zdoName(clusterId: number): ZdoName | undefined {
  return namesByCluster.get(clusterId);
}

/** The ASDU of a frame of profile 0000, down to its last octet. Throws only CodecError. */
export function decodeZdo(clusterId: number, octets: Uint8Array): ZdoMessage {
  const name = namesByCluster.get(clusterId);
  if (name === undefined) throw new CodecError('', 0, `ZDO cluster ${clusterId} is not known`);
  const reader = new Reader(octets);
  try {
    const transactionSequence = reader.u8();
    const fields = (byName.get(name) as Codec<unknown>).decode(reader);
    reader.done();
    return { name, transactionSequence, fields } as ZdoMessage;
  } catch (error) {
    throw under(name, error);
  }
}

/** The ASDU. Throws only CodecError. The result is for sending on: copy it to keep it. */
export function encodeZdo(message: ZdoMessage): Uint8Array {
  const { name, transactionSequence, fields } = message;
  const codec = byName.get(name);
  if (codec === undefined) throw new CodecError('', 0, `ZDO message ${show(name)} is not known`);
  try {
    return written((writer) => {
      writer.u8(transactionSequence);
      codec.encode(writer, fields);
    });
  } catch (error) {
    throw under(name, error);
  }
}
