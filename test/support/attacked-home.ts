import { expect } from 'vitest';
import { hear } from './forged-frames.js';
import { type HomeRadio, JoinedHome } from './joined-home.js';

/** What a node counted since `before`. */
export function moved(home: JoinedHome, name: HomeRadio, before: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(home.nodes[name].drops()).flatMap(([reason, count]) =>
      count === (before[reason] ?? 0) ? [] : [[reason, count - (before[reason] ?? 0)]],
    ),
  );
}

/** A home that has been at work, so that counters have moved. */
export function busyHome(): JoinedHome {
  const home = new JoinedHome();
  expect(home.works()).toBe(true);
  home.arrivals.length = 0;
  return home;
}

/** Lets a node hear a frame: what it counts, and that nothing came of it and the home goes on. */
export function refused(home: JoinedHome, to: HomeRadio, psdu: Uint8Array): Record<string, number> {
  const before = home.nodes[to].drops();
  const arrived = home.arrivals.length;
  hear(home, psdu);
  expect(home.arrivals).toHaveLength(arrived);
  return moved(home, to, before);
}
