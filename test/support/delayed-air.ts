import type { Bus, BusHandler } from '../../emulator/ports/bus.js';
import { MemoryBus } from '../../emulator/sim/memory-bus.js';
import type { VirtualClock } from '../../emulator/sim/virtual-clock.js';

/** A bus that is so busy that every frame of a home network takes `delayMs` to come back. */
export class DelayedAir implements Bus {
  clock: VirtualClock | undefined;
  frames = 0;
  private readonly inner = new MemoryBus();

  constructor(private readonly delayMs: number) {}

  publish(...message: Parameters<Bus['publish']>): void {
    this.inner.publish(...message);
  }

  subscribe(filter: string, handler: BusHandler) {
    return this.inner.subscribe(filter, (topic, payload, retained) => {
      const { clock, delayMs } = this;
      if (!topic.includes('/han/')) {
        handler(topic, payload, retained);
        return;
      }
      this.frames++;
      if (clock === undefined || delayMs === 0) handler(topic, payload, retained);
      else clock.at(clock.nowMs() + delayMs, () => handler(topic, payload, retained));
    });
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  stats() {
    return this.inner.stats();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
