import type { Eui64 } from '../../protocols/codec/eui64.js';
import type { Device } from '../devices/device.js';
import { GasHubTunnel, GasMeterTunnel } from '../han/gas-tunnel.js';
import type { HanEntity } from '../han/stack/han-entity.js';
import { Tunnel, type TunnelState } from '../han/tunnel.js';
import type { Clock, Timer } from '../ports/clock.js';

/** The way of remote party messages between the hub and one device. */
interface Way {
  /** Towards the device. */
  readonly down: (message: Uint8Array) => string;
  /** Towards the hub. */
  readonly up: (message: Uint8Array) => string;
  /** The end that asks for the tunnel; none where hub and device are one. */
  readonly client: Tunnel | undefined;
  readonly ends: readonly Tunnel[];
  readonly gas: { readonly hub: GasHubTunnel; readonly meter: GasMeterTunnel } | undefined;
}

export interface HomeTunnelsParts {
  readonly clock: Clock;
  /** The CHF on the hub's radio. */
  readonly hub: HanEntity;
  /** Whether tunnels are open from the start. */
  readonly joined: boolean;
  /** A message of a device has reached the hub. */
  readonly onUp: (from: Eui64, message: Uint8Array) => void;
  /** Something waits for a gas meter, or no longer does. */
  readonly onGasPending: (meter: Eui64, pending: number) => void;
  /** A message for a gas meter was given up after a day. */
  readonly onGasExpired: (meter: Eui64, message: Uint8Array) => void;
}

const gasTunnelId = 1;
const tunnelId = 0;

/**
 * A tunnel that is refused, or not answered, is asked for again after so long (device-behaviour.md
 * 6.2: busy); in radio time, which a request and its answer travel in.
 */
const retryMs = 180_000;
const answerWaitMs = 10_000;

/** All tunnels of a home, both ends: the CHF's, and its devices'. */
export class HomeTunnels {
  private readonly ways = new Map<Eui64, Way>();
  private readonly retries = new Map<Eui64, Timer>();
  private stopped = false;

  constructor(private readonly parts: HomeTunnelsParts) {}

  /** Connects a device; returns its way to send a message to the hub. */
  connect(device: Device, han: HanEntity): (message: Uint8Array) => string {
    const way = this.wayOf(device, han);
    const { entity } = device;
    this.ways.set(entity, way);
    if (way.client !== undefined) way.client.onState = (state) => this.changed(entity, state);
    return way.up;
  }

  /** At the end that asks for tunnels. */
  private changed(entity: Eui64, state: TunnelState): void {
    if (state === 'closed') this.retryAfter(entity, retryMs);
    if (state !== 'open') return;
    this.forget(entity);
    // Its radio is on: what came while it had no tunnel need not wait for its next turn.
    this.ways.get(entity)?.gas?.meter.fetch();
  }

  private wayOf(device: Device, han: HanEntity): Way {
    const { entity, type } = device;
    if (type === 'gpf') {
      // On the hub itself: nothing goes over the air.
      const down = (message: Uint8Array): string => {
        device.receiveMessage(message);
        return 'sent';
      };
      const up = (message: Uint8Array): string => {
        this.parts.onUp(entity, message);
        return 'sent';
      };
      return { down, up, client: undefined, ends: [], gas: undefined };
    }
    return type === 'gsme' ? this.gasWay(device, han) : this.plainWay(device, han);
  }

  /** ESME, PPMID, HCALCS: the hub is the client. */
  private plainWay(device: Device, han: HanEntity): Way {
    const { hub, joined: open } = this.parts;
    const client = new Tunnel({ entity: hub, peer: han.eui, role: 'client', tunnelId, open });
    const server = new Tunnel({ entity: han, peer: hub.eui, role: 'server', tunnelId, open });
    client.onMessage = (message) => this.parts.onUp(device.entity, message);
    server.onMessage = (message) => device.receiveMessage(message);
    return {
      down: (message) => this.through(device.entity, client, message),
      up: (message) => server.send(message),
      client,
      ends: [client, server],
      gas: undefined,
    };
  }

  private through(entity: Eui64, client: Tunnel, message: Uint8Array): string {
    const verdict = client.send(message);
    if (verdict === 'closed' && client.state === 'closed') this.open(entity);
    return verdict;
  }

  /** The GSME is the client, and asks for its messages one by one. */
  private gasWay(device: Device, han: HanEntity): Way {
    const { hub, joined: open, clock, onGasPending, onGasExpired } = this.parts;
    const { entity } = device;
    const id = gasTunnelId;
    const hubEnd = new GasHubTunnel(
      new Tunnel({ entity: hub, peer: han.eui, role: 'server', tunnelId: id, open }),
      () => clock.nowMs(),
    );
    const meterEnd = new GasMeterTunnel(
      new Tunnel({ entity: han, peer: hub.eui, role: 'client', tunnelId: id, open }),
    );
    hubEnd.onMessage = (message) => this.parts.onUp(entity, message);
    hubEnd.onPending = (pending) => onGasPending(entity, pending);
    hubEnd.onExpired = (message) => onGasExpired(entity, message);
    meterEnd.onMessage = (message) => device.receiveMessage(message);
    return {
      down: (message) => hubEnd.send(message),
      up: (message) => meterEnd.send(message),
      client: meterEnd.tunnel,
      ends: [hubEnd.tunnel, meterEnd.tunnel],
      gas: { hub: hubEnd, meter: meterEnd },
    };
  }

  /** To a device: 'sent', 'queued', or why not. */
  deliver(to: Eui64, message: Uint8Array): string {
    return this.ways.get(to)?.down(message) ?? 'no-tunnel';
  }

  /** The meter asks for what waits; its tunnel is built anew where it was lost. */
  fetch(meter: Eui64): void {
    const gas = this.ways.get(meter)?.gas;
    if (gas?.meter.fetch() === 'closed') this.open(meter);
  }

  /** The device has joined: whichever end is the client asks for the tunnel, again and again until it has it. */
  open(entity: Eui64): void {
    const client = this.ways.get(entity)?.client;
    if (client === undefined || client.state === 'open' || this.stopped) return;
    this.retryAfter(entity, answerWaitMs);
    // One that could not leave has hardly begun, and is not to wait as long as one that was refused.
    if (client.state === 'closed' && client.request() !== 'sent') {
      this.retryAfter(entity, answerWaitMs);
    }
  }

  /** The device has left: neither end carries anything. */
  close(entity: Eui64): void {
    const way = this.ways.get(entity);
    for (const end of way?.ends ?? []) end.drop();
    // Whoever lost it asks for it again, but not of a device that is gone.
    this.forget(entity);
  }

  private forget(entity: Eui64): void {
    this.retries.get(entity)?.cancel();
    this.retries.delete(entity);
  }

  private retryAfter(entity: Eui64, radioMs: number): void {
    if (this.stopped) return;
    const { clock } = this.parts;
    this.retries.get(entity)?.cancel();
    const atMs = clock.nowMs() + radioMs * clock.speed;
    this.retries.set(
      entity,
      clock.at(atMs, () => {
        this.retries.delete(entity);
        const client = this.ways.get(entity)?.client;
        if (client === undefined || client.state === 'open') return;
        client.reset();
        this.open(entity);
      }),
    );
  }

  /** How many tunnels are open at the hub's end. */
  get openCount(): number {
    let count = 0;
    for (const { ends } of this.ways.values()) if (ends[0]?.state === 'open') count++;
    return count;
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.retries.values()) timer.cancel();
    this.retries.clear();
  }
}
