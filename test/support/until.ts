import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as `condition` holds; fails with `what` when it still does not at the deadline. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await pause(2);
  }
}
