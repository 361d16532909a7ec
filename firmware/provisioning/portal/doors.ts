/**
 * What the portal needs of its neighbours, as interfaces: the settings, and the check of them. It
 * imports neither `config/` nor `link/`; whoever composes the board joins them.
 */

import type { FieldProblem } from '../../config/fields.ts';
import type { CheckFailure, CheckStage, FormFields } from '../model.ts';

/** Told by a check that runs; `ended` never from inside `start` or `cancel`. */
export interface CheckObserver {
  stage(stage: CheckStage): void;
  /** It is over; `failure` is undefined when the broker accepted the sign-in. */
  ended(failure: CheckFailure | undefined, stage: CheckStage): void;
  /** Its deadline may have changed. */
  changed(): void;
}

/** A check of settings: join, address, resolve, connect, sign in. */
export interface Check {
  start(): void;
  /** Ends it without a result; idempotent. */
  cancel(): void;
  /** When `wake` is next due, in `Clock.now()` milliseconds; Infinity for never. */
  deadline(): number;
  wake(): void;
}

/** The settings, of a type `S` that only `config/` looks into. Values are never changed. */
export interface SettingsDoor<S> {
  /** As saved, else the defaults. */
  readonly current: S;
  /** Whether the board can go to work with what is saved. */
  readonly exists: boolean;
  /** The form with secrets moved out of other fields, such as a password out of an address. */
  apart(form: FormFields): FormFields;
  /**
   * Reads a form over `base`: an empty secret keeps that of `base`.
   * @returns `settings` with every field that is right, also where there are problems
   */
  parse(
    form: FormFields,
    base: S,
  ): { readonly settings: S; readonly problems: readonly FieldProblem[] };
  /** A field as a form holds it; empty for a name that is no field's. Not asked for secrets. */
  value(settings: S, field: string): Uint8Array;
  isSecret(field: string): boolean;
  /** The most that is shown of what was typed in a field, in bytes: more than any right value has. */
  shownBytesMax(field: string): number;
  /** Whether a secret is set. */
  hasSecret(settings: S, field: string): boolean;
  /** The network's name. */
  ssid(settings: S): Uint8Array;
  /** Saves them, whole or not at all. @throws where the storage fails */
  save(settings: S): void;
  /** Factory reset: nothing is saved any more. */
  erase(): void;
}
