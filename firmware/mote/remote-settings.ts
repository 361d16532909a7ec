/**
 * Settings from afar, and how none of them strands a board.
 *
 * What cannot do harm is saved, and the board restarts with it; the interval alone changes at once.
 * What can cut the board off is kept beside the settings and tried at the next boot, by the set-up
 * page's own check: only what signs in is saved. What can crash the board is saved, and watched:
 * after crashes in a row the settings from before count again. A document is settled once, by its
 * version; whatever is retained comes again at each boot and does nothing.
 */

import {
  changeBetween,
  type Desired,
  desiredValues,
  hasSecret,
  mayCrash,
  PROBLEMS_MAX,
  readDesired,
  riskOf,
} from '../config/desired.ts';
import type { FieldProblem, Settings } from '../config/fields.ts';
import { settingsReport } from '../config/report.ts';
import type { RemoteDoor, RemoteOutcome } from '../device/ports.ts';
import type { KeyValue } from '../ports.ts';
import type { CheckFailure, CheckStage } from '../provisioning/model.ts';
import { IDLE, RemoteMemory, type RemoteProgress, type RemoteRecord } from './remote-record.ts';
import type { MoteSettings } from './settings.ts';

/** A trial that a power cut ends is begun again, so many times in all. */
const TRIES_MAX = 3;
const WORDS_MAX = 120;
const NOT_STORED = 'the settings could not be stored';
const ELSEWHERE = 'this board gets its settings from elsewhere';

/** What the settings ask of the board. */
export interface RemoteOwner {
  /** Crashes before this count no more: from here on they are the change's. */
  forgiveCrashes(): void;
  /** Has the device say goodbye, soon, then restarts. */
  restart(): void;
  changeInterval(intervalS: number): void;
}

export class RemoteSettings implements RemoteDoor {
  hadSecret = false;
  private readonly settings: MoteSettings;
  private readonly memory: RemoteMemory;
  private readonly owner: RemoteOwner;
  /** The settings are somebody else's, as on a simulated board that is told them by its options. */
  private readonly isForeign: boolean;

  constructor(settings: MoteSettings, values: KeyValue, owner: RemoteOwner, isForeign: boolean) {
    this.settings = settings;
    this.memory = new RemoteMemory(values);
    this.owner = owner;
    this.isForeign = isForeign;
    settings.isOnTrial = this.isWatched;
  }

  get isOpen(): boolean {
    return !this.isForeign;
  }

  /** Whether there are settings to be tried at this boot. */
  get isTrying(): boolean {
    return this.memory.record.state === 'trying';
  }

  /** Whether crashes of this board may be the doing of its settings: it has not run for long with them. */
  get isWatched(): boolean {
    return this.memory.progress.isWatched;
  }

  report(): string {
    const { record } = this.memory;
    if (this.isForeign) return record.state === 'none' ? '' : JSON.stringify(record);
    return settingsReport(record, this.settings.current);
  }

  takeDocument(json: Uint8Array): RemoteOutcome {
    const desired = readDesired(json);
    this.hadSecret = hasSecret(desired.fields);
    return this.take(desired, true);
  }

  takeValues(
    values: ReadonlyMap<string, Uint8Array>,
    problems: readonly FieldProblem[],
    isNew: boolean,
  ): RemoteOutcome {
    return this.take(desiredValues(values, problems), isNew);
  }

  isSecret(name: string): boolean {
    return this.settings.isSecret(name);
  }

  private take(desired: Desired, isNew: boolean): RemoteOutcome {
    const { version } = desired;
    const { v } = this.memory.record;
    if (version > 0 && version <= v) return version === v ? 'old' : this.tellOlder(version);
    if (this.isForeign) return this.settle('refused', version, [], ELSEWHERE);
    if (this.isWatched || this.isTrying) return 'later';
    const { current } = this.settings;
    const parsed = this.settings.parse(desired.fields, current);
    const problems = [...desired.problems, ...parsed.problems];
    const change = changeBetween(current, parsed.settings);
    if (change === 'none') {
      if (problems.length > 0) return this.settle('refused', version, problems);
      return version === 0 ? 'old' : this.settle('applied', version, problems);
    }
    const risk = riskOf(current, parsed.settings);
    // Retained single values come at each boot, and have no version: what failed is not begun again.
    if (!isNew && risk !== 0 && risk === this.memory.progress.risk) return 'old';
    if (change === 'trial') return this.stage(parsed.settings, version, problems, risk);
    if (change === 'restart') return this.apply(parsed.settings, version, problems, risk);
    this.owner.changeInterval(parsed.settings.intervalS);
    // A single value comes again at the next boot; a document that is settled does not.
    if (version > 0 && !this.save(parsed.settings)) {
      return this.settle('refused', version, problems, NOT_STORED);
    }
    return this.settle('applied', version, problems);
  }

  /**
   * The trial of this boot begins: counted before it does anything.
   * @returns what is to be tried; undefined: there is nothing, or it was begun too often
   */
  begin(): Settings | undefined {
    const { record, progress } = this.memory;
    const { tries, before } = progress;
    const staged = this.settings.staged();
    // The power went as it was stored, or once it was saved: what is retained decides it anew.
    if (staged === undefined) return this.forget(before);
    if (tries >= TRIES_MAX) {
      return this.giveUp('refused', `each of ${TRIES_MAX} trials was cut short`);
    }
    const isCounted = this.keep(record, { ...progress, tries: tries + 1 });
    return isCounted ? staged : this.giveUp('reverted', NOT_STORED);
  }

  /** The trial is over. @param failure undefined: the broker accepted the sign-in */
  ended(tried: Settings, failure: CheckFailure | undefined, stage: CheckStage): void {
    if (failure !== undefined) {
      this.giveUp('reverted', failure.startsWith(stage) ? failure : `${stage}: ${failure}`);
      return;
    }
    const { record, progress } = this.memory;
    if (!this.saveWatched(tried, record, progress)) this.giveUp('reverted', NOT_STORED);
    else this.keep({ ...record, state: 'applied' }, { ...this.memory.progress, risk: 0 });
  }

  /**
   * The board crashed so often that it would wait to be set up.
   * @returns whether the settings from before count again, and the board can go to work
   */
  crashed(): boolean {
    if (!this.isWatched || !this.settings.goBack()) return false;
    this.giveUp('reverted', 'the board crashed with them');
    return true;
  }

  /** The board has run for a while with them. */
  proven(): void {
    if (!this.isWatched) return;
    this.keep(this.memory.record);
  }

  /** Somebody has set the board up by hand: what was under way counts no more. */
  superseded(): void {
    if (this.isTrying) this.giveUp('reverted', 'the board was set up on its page');
    else this.proven();
  }

  private apply(
    settings: Settings,
    version: number,
    problems: readonly FieldProblem[],
    risk: number,
  ): RemoteOutcome {
    if (!this.saveWatched(settings, this.memory.record, this.memory.progress)) {
      return this.settle('refused', version, problems, NOT_STORED);
    }
    return this.leave('applied', version, problems, risk);
  }

  /**
   * Saves settings. What may crash the board is watched from before it counts, so that a power cut
   * between leaves nothing unwatched.
   * @returns whether they were saved
   */
  private saveWatched(settings: Settings, record: RemoteRecord, progress: RemoteProgress): boolean {
    const isWatched = mayCrash(this.settings.current, settings);
    if (isWatched && !this.keep(record, { ...progress, isWatched })) return false;
    if (this.save(settings)) {
      if (isWatched) this.owner.forgiveCrashes();
      return true;
    }
    if (isWatched) this.keep(record, progress);
    return false;
  }

  private stage(
    settings: Settings,
    version: number,
    problems: readonly FieldProblem[],
    risk: number,
  ): RemoteOutcome {
    try {
      this.settings.stage(settings);
    } catch {
      return this.settle('refused', version, problems, NOT_STORED);
    }
    return this.leave('trying', version, problems, risk);
  }

  private leave(
    state: 'applied' | 'trying',
    version: number,
    problems: readonly FieldProblem[],
    risk: number,
  ): RemoteOutcome {
    const record = this.recordOf(state, version, problems);
    const { isWatched } = this.memory.progress;
    const progress = { tries: 0, isWatched, before: this.memory.record.v, risk };
    if (!this.keep(record, progress)) {
      return this.settle('refused', version, problems, NOT_STORED);
    }
    this.owner.restart();
    return state === 'trying' ? 'trying' : 'settled';
  }

  private settle(
    state: 'applied' | 'refused',
    version: number,
    problems: readonly FieldProblem[],
    reason?: string,
  ): RemoteOutcome {
    const record = this.recordOf(state, version, problems, reason);
    // Told, if not kept: the document comes again at the next boot.
    if (!this.keep(record, this.memory.progress)) {
      this.memory.record = record;
    }
    return 'settled';
  }

  private giveUp(state: 'reverted' | 'refused', reason: string): undefined {
    const record = { ...this.memory.record, state, reason };
    const { risk } = this.memory.progress;
    if (!this.keep(record, { ...IDLE, risk })) this.memory.record = record;
    return undefined;
  }

  /** Nothing is known of what was under way. */
  private forget(v: number): undefined {
    const record: RemoteRecord = { v, state: 'none', problems: {} };
    if (!this.keep(record)) this.memory.record = record;
    return undefined;
  }

  /** A document is older than the last one: whoever wrote it should know. */
  private tellOlder(version: number): RemoteOutcome {
    const { record } = this.memory;
    const v = `${version} is not greater than ${record.v}`;
    this.memory.record = { ...record, problems: { ...record.problems, v } };
    return 'settled';
  }

  private save(settings: Settings): boolean {
    try {
      this.settings.saveFromAfar(settings);
      return true;
    } catch {
      return false;
    }
  }

  /** @returns whether it was kept; nothing has changed where it was not */
  private keep(record: RemoteRecord, progress?: RemoteProgress): boolean {
    try {
      this.memory.keep(record, progress);
    } catch {
      return false;
    }
    this.settings.isOnTrial = this.isWatched;
    return true;
  }

  private recordOf(
    state: RemoteRecord['state'],
    version: number,
    problems: readonly FieldProblem[],
    reason?: string,
  ): RemoteRecord {
    const v = version === 0 ? this.memory.record.v : version;
    const words: Record<string, string> = {};
    problems.slice(0, PROBLEMS_MAX).forEach((problem) => {
      words[problem.field === '' ? 'document' : problem.field] = wordsOf(problem);
    });
    return reason === undefined
      ? { v, state, problems: words }
      : { v, state, reason, problems: words };
  }
}

/** A code with its range, and what is meant. */
function wordsOf({ code, min, max, what, known }: FieldProblem): string {
  let words = code;
  if (max !== undefined) words += min === undefined ? ` ${max}` : ` ${min} to ${max}`;
  if (what !== undefined) words += ` ${what}`;
  if (known !== undefined) words += `; known: ${known}`;
  return words.slice(0, WORDS_MAX);
}
