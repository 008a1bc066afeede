import { cpuMs } from '../../scripts/bench/measure.js';
import type { BaseMessage } from './message-corpus.js';

/** How many times the cost of an octet of an ordinary message an octet of a mutant may have. */
const ratioMax = 100;
/** Short messages have costs that do not go by octets: a refusal is an Error with a stack. */
const octetsMin = 256;
/** A mutant is slow if its quickest run is: others use the machine too, and garbage is collected now and then. */
const secondLooks = 5;

/**
 * Finds work that is out of proportion to the octets that ask for it. Time is CPU time of this process, and is judged by
 * its ratio to that of the ordinary messages on the same machine.
 */
export class CpuBudget {
  private readonly msPerOctet: number;

  constructor(corpus: readonly BaseMessage[], work: (octets: Uint8Array) => unknown) {
    const total = corpus.reduce((sum, { octets }) => sum + octets.length, 0);
    const rounds = [1, 2, 3].map(() => {
      const start = cpuMs();
      for (const { octets } of corpus) work(octets);
      return cpuMs() - start;
    });
    this.msPerOctet = Math.min(...rounds) / total;
  }

  /** Runs `work`; the second value says whether it was slow for so many octets, however often tried. */
  watch<T>(octetCount: number, work: () => T): readonly [T, boolean] {
    const allowedMs = ratioMax * this.msPerOctet * Math.max(octetCount, octetsMin);
    // The wall clock, which is quicker to read, only picks those worth a second look: it never shows less.
    const start = performance.now();
    const result = work();
    let isSlow = performance.now() - start > allowedMs;
    for (let look = 0; isSlow && look < secondLooks; look++) {
      const lookStart = cpuMs();
      work();
      isSlow = cpuMs() - lookStart > allowedMs;
    }
    return [result, isSlow];
  }
}
