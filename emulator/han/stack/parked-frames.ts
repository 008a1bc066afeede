import type { Eui64 } from '../../../protocols/codec/eui64.js';

/** Waiting for an address: how many, and how long (radio time). Our choice. */
const parkedMax = 16;
const lifetimeMs = 5_000;

interface Parked {
  readonly radio: Eui64;
  readonly send: (asdu: Uint8Array) => void;
  readonly asdu: Uint8Array;
  readonly undelivered: (reason: string) => void;
  readonly expiresMs: number;
}

/** Frames for radios whose short address is being asked for. */
export class ParkedFrames {
  private frames: Parked[] = [];

  /** Copies `asdu`. False where there is no room. */
  add(
    radio: Eui64,
    asdu: Uint8Array,
    nowMs: number,
    send: (asdu: Uint8Array) => void,
    undelivered: (reason: string) => void,
  ): boolean {
    if (this.frames.length >= parkedMax) return false;
    const expiresMs = nowMs + lifetimeMs;
    this.frames.push({ radio, asdu: asdu.slice(), send, undelivered, expiresMs });
    return true;
  }

  /** The address is known now: they go, in their order. */
  release(radio: Eui64): void {
    const ready = this.frames.filter((frame) => frame.radio === radio);
    if (ready.length === 0) return;
    this.frames = this.frames.filter((frame) => frame.radio !== radio);
    for (const { send, asdu } of ready) send(asdu);
  }

  nextDeadlineMs(): number | undefined {
    return this.frames[0]?.expiresMs;
  }

  expire(nowMs: number): void {
    const overdue = this.frames.filter((frame) => frame.expiresMs <= nowMs);
    if (overdue.length === 0) return;
    this.frames = this.frames.filter((frame) => frame.expiresMs > nowMs);
    for (const { undelivered } of overdue) undelivered('address-unknown');
  }
}
