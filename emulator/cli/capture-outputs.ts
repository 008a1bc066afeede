import { eventsFilter, hanFilter, parseTopic, wanFilter } from '../../protocols/bus/topics.js';
import { CaptureFile } from '../adapters/capture-file.js';
import { packageVersion } from '../adapters/package-directory.js';
import { UdpFeed } from '../adapters/udp-feed.js';
import type { Bus } from '../ports/bus.js';
import { UsageError } from '../ports/errors.js';
import { Recorder } from './recorder.js';
import type { Session } from './session.js';

/** Where a capture goes. `-` is standard output. */
export interface CaptureTargets {
  readonly pcapng?: string | undefined;
  readonly jsonl?: string | undefined;
  /** Port of this machine for ZEP datagrams. */
  readonly zepPort?: number | undefined;
}

/** Some homes and the hubs in them. */
export interface CapturedHomes {
  readonly homes: readonly string[];
  readonly hubs: ReadonlySet<string>;
}

export interface CaptureChoice {
  /** Without it, all homes. */
  readonly some?: CapturedHomes | undefined;
  /** False when there is enough. */
  readonly wants?: () => boolean;
  readonly onPacket?: () => void;
}

const standardOutput = '-';

/** A recorder with its files and feed. */
export class Capture {
  /** Aborted when a file cannot be written any more; `close` throws the reason. */
  readonly failed: AbortSignal;

  private constructor(
    readonly recorder: Recorder,
    private readonly session: Session,
    private readonly targets: CaptureTargets,
    private readonly files: readonly CaptureFile[],
    private readonly feed: UdpFeed | undefined,
  ) {
    this.failed = AbortSignal.any(files.map((file) => file.failed));
  }

  /** Creates the files. @throws EnvironmentError */
  static async open(targets: CaptureTargets, fleet: string, session: Session): Promise<Capture> {
    const files: CaptureFile[] = [];
    const create = async (path: string | undefined): Promise<CaptureFile | undefined> => {
      if (path === undefined) return undefined;
      const file =
        path === standardOutput
          ? CaptureFile.to(session.io.stdout, 'standard output')
          : await CaptureFile.create(path);
      files.push(file);
      return file;
    };
    try {
      const pcapng = await create(targets.pcapng);
      const jsonl = await create(targets.jsonl);
      const feed = targets.zepPort === undefined ? undefined : new UdpFeed(targets.zepPort);
      const outputs = { pcapng, jsonl, zep: feed };
      const recorder = new Recorder(outputs, `hubfleet ${packageVersion()}`, fleet);
      return new Capture(recorder, session, targets, files, feed);
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
  }

  /** Records what goes over the bus of the fleet from now on. */
  async listen(bus: Bus, fleet: string, choice: CaptureChoice = {}): Promise<void> {
    const { recorder } = this;
    const { some, wants, onPacket } = choice;
    const hear = (topic: string, payload: Uint8Array): void => {
      if (wants?.() === false) return;
      if (recorder.hear(topic, payload)) onPacket?.();
    };
    const hearWan = (topic: string, payload: Uint8Array): void => {
      const parsed = some === undefined ? undefined : parseTopic(topic);
      if (parsed?.plane !== 'wan' || some?.hubs.has(parsed.hub) === true) hear(topic, payload);
    };
    if (this.targets.jsonl !== undefined) {
      await bus.subscribe(eventsFilter(fleet, 'presence'), (topic, payload, retained) =>
        recorder.learn(topic, payload, retained),
      );
    }
    await bus.subscribe(wanFilter(fleet), hearWan);
    for (const home of some?.homes ?? ['+']) await bus.subscribe(hanFilter(fleet, home), hear);
  }

  /** Resolves when all is where it belongs. @throws EnvironmentError when a file could not be written */
  async close(): Promise<void> {
    const closing = [...this.files.map((file) => file.close()), this.feed?.close()];
    const ended = await Promise.allSettled(closing);
    // A reader that has seen enough (`| head`) is no failure.
    if (this.usesStandardOutput && this.session.out.closed.aborted) return;
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
  }

  get usesStandardOutput(): boolean {
    return [this.targets.pcapng, this.targets.jsonl].includes(standardOutput);
  }

  /** What an output had no room for. */
  get leftOut(): number {
    return this.recorder.counts.leftOut + (this.feed?.leftOut ?? 0);
  }

  /** One line: what was captured, and what was not. */
  summary(): string {
    const { frames, messages, interfaces, undecodable } = this.recorder.counts;
    const { pcapng, jsonl, zepPort } = this.targets;
    const named = (path?: string) => (path === standardOutput ? 'standard output' : path);
    const to = [
      named(pcapng),
      named(jsonl),
      zepPort === undefined ? undefined : `UDP port ${zepPort}`,
    ];
    const parts = [
      `captured ${count(frames, 'frame')} and ${count(messages, 'GBCS message')}`,
      `on ${count(interfaces, 'interface')}`,
      `to ${to.filter((one) => one !== undefined).join(', ')}`,
    ];
    const notes = [
      ...(undecodable === 0 ? [] : [`${undecodable} bus messages were no packets`]),
      ...(this.leftOut === 0 ? [] : [`${this.leftOut} LEFT OUT: this machine was too slow`]),
    ];
    return [parts.join(' '), ...notes].join('; ');
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** @throws UsageError for files that cannot both be written */
export function checkTargets({ pcapng, jsonl }: CaptureTargets, session: Session): void {
  if (pcapng !== undefined && pcapng === jsonl) {
    throw new UsageError(`-o and --jsonl both name '${pcapng}': choose two files`);
  }
  if (pcapng === standardOutput && session.out.isTerminal) {
    throw new UsageError('a capture is nothing to look at: name a file, or pipe it to Wireshark');
  }
}
