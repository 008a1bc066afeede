import { statSync } from 'node:fs';
import { eventsFilter, hanFilter, parseTopic, wanFilter } from '../../protocols/bus/topics.js';
import { CaptureFile } from '../adapters/capture-file.js';
import { packageVersion } from '../adapters/package-directory.js';
import { UdpFeed } from '../adapters/udp-feed.js';
import type { HomeKey } from '../fleet/control-protocol.js';
import type { Bus } from '../ports/bus.js';
import { UsageError } from '../ports/errors.js';
import { KeyCollector, type KeySource } from './key-collector.js';
import { checkKeyFile, keyFileBeside, mergeKeyFile } from './key-file.js';
import { openHint } from './open-hints.js';
import { Recorder } from './recorder.js';
import type { Session } from './session.js';
import type { AskKeys } from './traffic-reader.js';

/** Where a capture goes. `-` is standard output. */
export interface CaptureTargets {
  readonly pcapng?: string | undefined;
  readonly jsonl?: string | undefined;
  /** Port of this machine for ZEP datagrams. */
  readonly zepPort?: number | undefined;
  /** File of the keys; false for none. Without it, beside the pcapng file. */
  readonly keys?: string | false | undefined;
}

/** The key file of a capture, if it gets one. */
export function keyFileOf({ pcapng, keys }: CaptureTargets): string | undefined {
  if (keys !== undefined) return keys === false ? undefined : keys;
  const isFile = pcapng !== undefined && pcapng !== standardOutput && !isSpecial(pcapng);
  return isFile ? keyFileBeside(pcapng) : undefined;
}

/** Devices have no place for keys beside them. */
function isSpecial(path: string): boolean {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isCharacterDevice() === true || found?.isFIFO() === true;
  } catch {
    // Whoever opens it says what is wrong with it.
    return false;
  }
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
  private collector: KeyCollector | undefined;
  private keyCount = 0;
  private readonly keyFile: string | undefined;

  private constructor(
    readonly recorder: Recorder,
    private readonly session: Session,
    private readonly targets: CaptureTargets,
    private readonly files: readonly CaptureFile[],
    private readonly feed: UdpFeed | undefined,
  ) {
    this.failed = AbortSignal.any(files.map((file) => file.failed));
    this.keyFile = keyFileOf(targets);
  }

  /**
   * Creates the files; a file that is there already is emptied only once all else is in order. `askKeys` is for the trace.
   * @throws UsageError for a key file that is none, EnvironmentError for files that cannot be written
   */
  static async open(
    targets: CaptureTargets,
    fleet: string,
    session: Session,
    askKeys?: AskKeys,
  ): Promise<Capture> {
    const keyFile = keyFileOf(targets);
    const beside = targets.keys === undefined ? targets.pcapng : undefined;
    if (keyFile !== undefined) await checkKeyFile(keyFile, beside);
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
      const recorder = new Recorder(outputs, `hubfleet ${packageVersion()}`, fleet, askKeys);
      return new Capture(recorder, session, targets, files, feed);
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
  }

  /**
   * Keeps the key file and the trace supplied from `source` until the end.
   * @throws UsageError, EnvironmentError when the key file cannot be written, or nobody has keys to give
   */
  async useKeys(source: KeySource): Promise<void> {
    if (this.keyFile === undefined && this.targets.jsonl === undefined) return;
    this.collector = new KeyCollector(source, (keys) => this.takeKeys(keys));
    await this.collector.start();
  }

  private async takeKeys(keys: readonly HomeKey[]): Promise<number> {
    this.keyCount = keys.length;
    const news = this.recorder.addKeys(keys);
    const added = this.keyFile === undefined ? 0 : await mergeKeyFile(this.keyFile, keys);
    return Math.max(news, added);
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
    const keys = this.closeKeys();
    this.recorder.close();
    const closing = [...this.files.map((file) => file.close()), this.feed?.close(), keys];
    const ended = await Promise.allSettled(closing);
    // A reader that has seen enough (`| head`) is no failure.
    if (this.usesStandardOutput && this.session.out.closed.aborted) return;
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
  }

  private async closeKeys(): Promise<void> {
    const { collector, keyFile, keyCount } = this;
    this.collector = undefined;
    if (collector === undefined || (await collector.stop()) || keyFile === undefined) return;
    this.session.err.line(
      `the fleet no longer answers: ${keyFile} has the ${count(keyCount, 'key')} known before, later ones are missing`,
    );
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
    // The feed has frames only.
    const files = pcapng !== undefined || jsonl !== undefined;
    const parts = [
      `captured ${count(frames, 'frame')}${files ? ` and ${count(messages, 'GBCS message')}` : ''}`,
      ...(pcapng === undefined ? [] : [`on ${count(interfaces, 'interface')}`]),
      `to ${to.filter((one) => one !== undefined).join(', ')}`,
    ];
    const notes = [
      ...(this.keyFile === undefined || this.keyCount === 0 ? [] : [`keys in ${this.keyFile}`]),
      ...(undecodable === 0 ? [] : [`${undecodable} bus messages were no packets`]),
      ...(this.leftOut === 0 ? [] : [`${this.leftOut} LEFT OUT: this machine was too slow`]),
    ];
    return [parts.join(' '), ...notes].join('; ');
  }
}

/** One line: how to open the capture; undefined where there is no file to open. */
export function openHintOf(targets: CaptureTargets): string | undefined {
  const { pcapng } = targets;
  if (pcapng === undefined || pcapng === standardOutput) return undefined;
  return `to open it: ${openHint(pcapng, keyFileOf(targets))}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** @throws UsageError for files that cannot all be written */
export function checkTargets(targets: CaptureTargets, session: Session): void {
  const { pcapng, jsonl } = targets;
  const keys = keyFileOf(targets);
  if (pcapng !== undefined && pcapng === jsonl) {
    throw new UsageError(`-o and --jsonl both name '${pcapng}': choose two files`);
  }
  if (keys !== undefined && (keys === pcapng || keys === jsonl)) {
    throw new UsageError(`'${keys}' is to be the file of the keys: choose another for the capture`);
  }
  if (keys === standardOutput) {
    throw new UsageError('--keys wants a file: Wireshark reads keys from nowhere else');
  }
  if (pcapng === standardOutput && session.out.isTerminal) {
    throw new UsageError('a capture is nothing to look at: name a file, or pipe it to Wireshark');
  }
}
