import type {
  Device,
  DeviceEventName,
  DeviceHost,
  ZclEndpoints,
} from '../../emulator/devices/device.js';
import type { Timer } from '../../emulator/ports/clock.js';
import { VirtualClock } from '../../emulator/sim/virtual-clock.js';
import type { Eui64 } from '../../protocols/codec/eui64.js';

export interface RecordedEvent {
  readonly entity: Eui64;
  readonly name: DeviceEventName;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface RecordedFrame {
  readonly from: Eui64;
  readonly to: Eui64;
  readonly clusterId: number;
  readonly frame: Uint8Array;
  /** Where they are not the usual ones. */
  readonly endpoints?: ZclEndpoints | undefined;
}

/**
 * The smallest home: devices that hand each other ZCL frames without radio in between, over a virtual clock. Records
 * everything that leaves a device. Frames are delivered one after the other, never from inside the sender's call.
 */
export class TestHome {
  readonly clock: VirtualClock;
  readonly events: RecordedEvent[] = [];
  readonly messages: { readonly entity: Eui64; readonly message: Uint8Array }[] = [];
  readonly frames: RecordedFrame[] = [];
  /** Whose radio was turned on, and who asked the hub for messages, in order. */
  readonly radioWakes: Eui64[] = [];
  readonly fetches: Eui64[] = [];
  /** Frames for which this returns true are recorded and lost. */
  loses: (frame: RecordedFrame) => boolean = () => false;
  /** What arrives in place of a frame; recorded as it arrives. */
  rewrite: (frame: RecordedFrame) => RecordedFrame = (frame) => frame;
  private readonly devices = new Map<Eui64, Device>();
  private readonly undelivered: RecordedFrame[] = [];
  private delivering = false;

  constructor(startMs: number) {
    this.clock = new VirtualClock(startMs);
  }

  /** The host of one device to be; `attach` the device made with it. */
  host(entity: Eui64): DeviceHost {
    let timer: Timer | undefined;
    return {
      nowMs: () => this.clock.nowMs(),
      sendMessage: (message) => this.messages.push({ entity, message }),
      sendZcl: (to, clusterId, frame, endpoints) =>
        this.carry({ from: entity, to, clusterId, frame, endpoints }),
      wakeAt: (atMs) => {
        timer?.cancel();
        timer = this.clock.at(atMs, () => this.devices.get(entity)?.wake());
      },
      wakeRadio: () => void this.radioWakes.push(entity),
      fetchMessages: () => void this.fetches.push(entity),
      event: (name, detail) => this.events.push({ entity, name, detail }),
    };
  }

  attach<D extends Device>(device: D): D {
    this.devices.set(device.entity, device);
    return device;
  }

  start(): void {
    for (const device of this.devices.values()) device.start();
  }

  carry(sent: RecordedFrame): void {
    const frame = this.rewrite(sent);
    this.frames.push(frame);
    if (this.loses(frame)) return;
    this.undelivered.push(frame);
    if (this.delivering) return;
    this.delivering = true;
    try {
      for (let next = this.undelivered.shift(); next; next = this.undelivered.shift()) {
        this.devices.get(next.to)?.receiveZcl(next.from, next.clusterId, next.frame);
      }
    } finally {
      this.delivering = false;
    }
  }

  /** Sends a remote party message to a device and returns what it answered, or undefined. */
  send(device: Device, message: Uint8Array): Uint8Array | undefined {
    const before = this.messages.length;
    device.receiveMessage(message);
    return this.messages[before]?.message;
  }

  eventsNamed(name: DeviceEventName, entity?: Eui64): readonly RecordedEvent[] {
    return this.events.filter(
      (event) => event.name === name && (entity === undefined || event.entity === entity),
    );
  }
}
