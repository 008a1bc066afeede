import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { DeviceType } from '../../protocols/gbcs/use-cases/use-case.js';

/**
 * A device of a home, driven from outside: bytes and time go in, calls on its host come out. It owns no timer, no
 * subscription and no clock, and it never throws for what it receives.
 */
export interface Device {
  readonly entity: Eui64;
  readonly type: DeviceType;
  /** Called once when the home comes up; the first readings, reports and wake-up requests happen here. */
  start(): void;
  /** A remote party message from the tunnel (or, at the hub, from the WAN). */
  receiveMessage(message: Uint8Array): void;
  /** A ZCL frame from another device of the home. */
  receiveZcl(from: Eui64, clusterId: number, frame: Uint8Array): void;
  /** The moment asked for with `DeviceHost.wakeAt`. */
  wake(): void;
  /** JSON-safe state for tables and queries; keys are this device type's own, in reading order. */
  describe(): DeviceDescription;
  /** What a person in front of its display would read; only devices that have one. */
  render?(): readonly string[];
  /** Suffers what a tester asks; only devices that can. */
  disturb?(fault: DeviceFault): void;
}

/** Faults of a single device, as the control plane carries them. */
export type DeviceFault =
  /** Every access to a COSEM member (`70/0-0:96.3.10.255/a3`) or ZCL attribute (`0702/0000`) ends with this code. */
  | { readonly fault: 'fail'; readonly key: string; readonly code: number }
  | { readonly fault: 'release'; readonly key: string }
  /** The clock runs this far off. */
  | {
      readonly fault: 'clock';
      readonly offsetMs: number;
      readonly reliability: 'reliable' | 'invalid' | 'unreliable';
    };

export type DeviceDescription = Readonly<Record<string, unknown>>;

/** What a device may do to the world; one per device, given to its constructor. */
export interface DeviceHost {
  /** The home's time in milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Hands a remote party message to the tunnel (at the hub: to the WAN). */
  sendMessage(message: Uint8Array): void;
  /** Sends a ZCL frame over the home network. */
  sendZcl(to: Eui64, clusterId: number, frame: Uint8Array): void;
  /** Asks for `Device.wake` at `atMs`; a later call replaces an earlier one. */
  wakeAt(atMs: number): void;
  /** Publishes an event of this device. */
  event(name: DeviceEventName, detail: Readonly<Record<string, unknown>>): void;
}

export const deviceEventNames = [
  'started',
  'command-executed',
  'command-refused',
  'message-undeliverable',
  'frame-dropped',
  'supply-changed',
  'clock-set',
  'display-updated',
  'fault',
] as const;
export type DeviceEventName = (typeof deviceEventNames)[number];
