import { z } from 'zod';
import { type Eui64, eui64, isEui64 } from '../../protocols/codec/eui64.js';
import { remotePartyRoles } from '../../protocols/gbcs/roles.js';
import type { DeviceDescription } from '../devices/device.js';
import { imageOctetsMax } from '../functions/firmware-image.js';

/**
 * Bodies of the control plane (docs/bus.md): what may be asked of a running fleet and what it can be told to suffer.
 * Checked on arrival, because anybody on the bus may ask.
 */
const entity = z
  .string()
  .transform((text) => text.replace(/[-:]/g, '').toLowerCase())
  .refine(isEui64, { error: 'want an EUI-64 of 16 hex digits' })
  .transform((text) => eui64(text));

const roleNames = Object.keys(remotePartyRoles) as [keyof typeof remotePartyRoles];
const originator = z.union([z.enum(roleNames), entity]);

const fuel = z.enum(['electricity', 'gas']).optional();
/** A key of a display. */
const deviceKey = z.discriminatedUnion('key', [
  z.strictObject({ key: z.literal('top-up'), utrn: z.string().max(40), fuel }),
  z.strictObject({ key: z.literal('emergency-credit'), fuel }),
  z.strictObject({ key: z.literal('enable-supply') }),
  z.strictObject({ key: z.literal('acknowledge') }),
]);

export const queryBody = z.discriminatedUnion('query', [
  /** Of one home, or of as many homes as an answer holds, beginning with number `from` (of 0). */
  z.strictObject({
    query: z.literal('devices'),
    home: z.string().max(63).optional(),
    from: z.number().int().min(0).optional(),
  }),
  /** What a dissector needs to read the frames of the homes; likewise in parts. */
  z.strictObject({
    query: z.literal('han-keys'),
    home: z.string().max(63).optional(),
    from: z.number().int().min(0).optional(),
  }),
  /** Home networks: radios, links, what was dropped; likewise in parts. */
  z.strictObject({
    query: z.literal('network'),
    home: z.string().max(63).optional(),
    from: z.number().int().min(0).optional(),
  }),
  z.strictObject({ query: z.literal('stats') }),
  z.strictObject({ query: z.literal('use-cases') }),
  z.strictObject({ query: z.literal('display'), device: entity }),
  z.strictObject({ query: z.literal('press'), device: entity, key: deviceKey }),
  /** A top-up of so much for a meter, under the fleet's test keys. */
  z.strictObject({ query: z.literal('utrn'), device: entity, pence: z.number().int().min(1) }),
  /** The next part of a firmware file. */
  z.strictObject({
    query: z.literal('firmware-part'),
    upload: z.string().min(1).max(64),
    offset: z.number().int().min(0),
    octets: z.instanceof(Uint8Array),
  }),
  /** Firmware for a device, or for all devices of a home: a file whose parts have come, or a test image. */
  z.strictObject({
    query: z.literal('firmware'),
    /** Name of a home, or an EUI-64. */
    target: z.string().min(1).max(64),
    source: z.union([
      z.strictObject({ upload: z.string().min(1).max(64) }),
      z.strictObject({
        make: z.strictObject({
          version: z.string().regex(/^[0-9a-f]{8}$/),
          octets: z.number().int().min(1).max(imageOctetsMax).optional(),
          faulty: z.boolean().optional(),
        }),
      }),
    ]),
  }),
  z.strictObject({
    query: z.literal('send'),
    useCase: z.string().min(1).max(32),
    device: entity,
    originator: originator.optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    timeoutMs: z.number().int().min(1).optional(),
    unchecked: z.boolean().optional(),
  }),
]);
export type QueryBody = z.infer<typeof queryBody>;

export const faultBody = z.discriminatedUnion('fault', [
  /** Every access to a COSEM member (`70/0-0:96.3.10.255/a3`) or ZCL attribute (`0702/0000`) ends with this code. */
  z.strictObject({
    fault: z.literal('fail'),
    device: entity,
    key: z.string().min(1).max(64),
    code: z.number().int().min(1).max(255),
  }),
  z.strictObject({
    fault: z.literal('release'),
    device: entity,
    key: z.string().min(1).max(64),
  }),
  /** The device's clock runs this far off. */
  z.strictObject({
    fault: z.literal('clock'),
    device: entity,
    offsetMs: z.number().int(),
    reliability: z.enum(['reliable', 'invalid', 'unreliable']),
  }),
]);
export type FaultBody = z.infer<typeof faultBody>;

/** A key of a home network, in the answer to a `han-keys` query. */
export interface HomeKey {
  readonly home: string;
  /** 32 hex digits. */
  readonly key: string;
  /** For people: between whom, and what for. */
  readonly label: string;
}

/** Answer to a `display` query. */
export interface DisplayAnswer {
  readonly device: Eui64;
  readonly type: string;
  /** Whether it has keys to press. */
  readonly keys: boolean;
  readonly lines: readonly string[];
  readonly state: DeviceDescription;
}

/** Answer to a request that was not understood or could not be done. */
export interface ErrorReply {
  readonly error: {
    /** `usage`: ask differently; `failed`: it could not be done. */
    readonly kind: 'usage' | 'failed';
    readonly message: string;
  };
}
