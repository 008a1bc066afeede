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
  /** A person presses a key of it; only devices that have keys. What comes of it shows on the display. */
  press?(key: DeviceKey): KeyOutcome;
  /** Suffers what a tester asks; only devices that can. */
  disturb?(fault: DeviceFault): void;
}

/** Keys of displays, as the control plane carries them. */
export type DeviceKey =
  /** Twenty digits from the shop, for the meter of a fuel; default electricity. */
  | { readonly key: 'top-up'; readonly utrn: string; readonly fuel?: Fuel | undefined }
  | { readonly key: 'emergency-credit'; readonly fuel?: Fuel | undefined }
  /** Turns an armed electricity supply on. A gas valve has its own button, on the meter. */
  | { readonly key: 'enable-supply' }
  /** Takes the supplier's message off the display. */
  | { readonly key: 'acknowledge' };
export type Fuel = 'electricity' | 'gas';

/** What a key press did at once; what a meter says to it comes later and shows on the display. */
export interface KeyOutcome {
  readonly accepted: boolean;
  /** For the person who pressed: what happens now, or why nothing does. */
  readonly text: string;
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

/** Endpoints other than the usual ones: the gas proxy has one for its mirror. */
export interface ZclEndpoints {
  /** Of the sender. */
  readonly from?: number | undefined;
  /** Of the receiver. */
  readonly to?: number | undefined;
}

/** What a device may do to the world; one per device, given to its constructor. */
export interface DeviceHost {
  /** The home's time in milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Hands a remote party message to the tunnel (at the hub: to the WAN). */
  sendMessage(message: Uint8Array): void;
  /** Sends a ZCL frame over the home network; between the usual endpoints of both where none are named. */
  sendZcl(to: Eui64, clusterId: number, frame: Uint8Array, endpoints?: ZclEndpoints): void;
  /** Asks for `Device.wake` at `atMs`; a later call replaces an earlier one. */
  wakeAt(atMs: number): void;
  /** A sleepy device turns its radio on; it goes off by itself when nothing more is to be done. */
  wakeRadio(): void;
  /** A sleepy device asks its hub for the messages that wait there. */
  fetchMessages(): void;
  /** The hub has not answered for long: the device looks for its network anew. */
  parentLost?(): void;
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
  'account-changed',
  'clock-set',
  'display-updated',
  'device-log-changed',
  'alert-sent',
  'firmware-changed',
  'load-switched',
  'network-membership',
  'network-problem',
  'fault',
] as const;
export type DeviceEventName = (typeof deviceEventNames)[number];
