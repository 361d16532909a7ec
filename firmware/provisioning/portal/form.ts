/**
 * A form on its way through "Check and save": read, checked, saved. Nothing is saved without a
 * sign-in, unless the person insists after a failure. One check runs at a time; the routes limit
 * how many may follow each other.
 *
 * What was sent last is kept for the page and as the base of the next form, secrets included, until
 * the board restarts; the secrets leave it by no other way than `save`. The result stays until the
 * next form, for a phone that dropped off.
 *
 * Sans-IO: a check is begun from `wake` only, once the answer to the form has had time to reach the
 * phone (`SetUpTimer.form`).
 */

import type { Deadlines } from '../../base/deadlines.ts';
import type { FieldProblem } from '../../config/fields.ts';
import type { CheckFailure, CheckProgress, CheckStage, FormFields } from '../model.ts';
import type { Check, SettingsDoor } from './doors.ts';
import { SetUpTimer } from './timers.ts';

/** From a form to its check: the answer must be out before the channel moves. */
const ANSWER_MS = 1000;
const NO_PROBLEMS: readonly FieldProblem[] = Object.freeze([]);
const NOTHING = new Uint8Array(0);

export class PortalForm<S> {
  readonly check: { -readonly [Key in keyof CheckProgress]: CheckProgress[Key] } = {
    state: 'idle',
    stage: 'join',
    failure: 'timed out',
  };
  problems: readonly FieldProblem[] = NO_PROBLEMS;

  private readonly door: SettingsDoor<S>;
  private readonly begin: (settings: S) => Check;
  private draft: S;
  private sent: FormFields | undefined;
  private running: Check | undefined;
  private readonly deadlines: Deadlines;

  /** @param begin makes and starts the check of these settings; its end is told by `ended` */
  constructor(door: SettingsDoor<S>, begin: (settings: S) => Check, deadlines: Deadlines) {
    this.deadlines = deadlines;
    this.door = door;
    this.begin = begin;
    this.draft = door.current;
  }

  value(field: string): Uint8Array {
    if (this.door.isSecret(field)) return NOTHING;
    const typed = this.sent?.get(field);
    if (typed === undefined) return this.door.value(this.draft, field);
    // An unreadable value is shown as it was typed, up to the length that its field can need.
    return typed.subarray(0, this.door.shownBytesMax(field));
  }

  hasSecret(field: string): boolean {
    return this.door.hasSecret(this.draft, field);
  }

  submit(form: FormFields, unchecked: boolean, now: number): 'started' | 'invalid' | 'busy' {
    const { check } = this;
    const mayInsist = check.state === 'failed';
    if (check.state === 'running' || check.state === 'saved') return 'busy';
    const given = this.door.apart(form);
    const { settings, problems } = this.door.parse(given, this.draft);
    this.draft = settings;
    this.problems = problems;
    this.sent = problems.length > 0 ? given : undefined;
    if (problems.length > 0) {
      check.state = 'idle';
      return 'invalid';
    }
    check.state = 'running';
    check.stage = 'join';
    if (unchecked && mayInsist) this.save();
    else this.deadlines.set(SetUpTimer.form, now + ANSWER_MS);
    return 'started';
  }

  /** The check is over: what signed in is saved. */
  ended(failure: CheckFailure | undefined, stage: CheckStage): void {
    this.running = undefined;
    if (failure === undefined) this.save();
    else this.fail(failure, stage);
  }

  /** When the check under way is to be woken; Infinity for never. */
  get checkDue(): number {
    return this.running?.deadline() ?? Number.POSITIVE_INFINITY;
  }

  wake(now: number): void {
    if (now >= this.deadlines.at[SetUpTimer.form]) {
      this.deadlines.set(SetUpTimer.form, Number.POSITIVE_INFINITY);
      this.tryOut();
    } else this.running?.wake();
  }

  private tryOut(): void {
    try {
      this.running = this.begin(this.draft);
    } catch {
      // The radio, or the access point: nothing of the settings was tried.
      this.fail('timed out', 'join');
    }
  }

  /** Factory reset. @returns whether it was done */
  erase(): boolean {
    this.running?.cancel();
    this.running = undefined;
    try {
      this.door.erase();
    } catch {
      this.fail('storage', 'save');
      return false;
    }
    this.clear();
    this.check.state = 'idle';
    return true;
  }

  /** The end of the portal: nothing is checked or kept any more. */
  clear(): void {
    this.running?.cancel();
    this.running = undefined;
    this.deadlines.set(SetUpTimer.form, Number.POSITIVE_INFINITY);
    this.sent = undefined;
    this.draft = this.door.current;
  }

  private save(): void {
    this.check.stage = 'save';
    try {
      this.door.save(this.draft);
      this.check.state = 'saved';
    } catch {
      this.fail('storage', 'save');
    }
  }

  private fail(failure: CheckFailure, stage: CheckStage): void {
    this.check.state = 'failed';
    this.check.failure = failure;
    this.check.stage = stage;
  }
}
