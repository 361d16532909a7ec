/**
 * What the set-up page shows and what it may ask for. The portal implements it; routes and page
 * read it. No secret passes through here towards the page.
 */

import type { FieldProblem } from '../config/fields.ts';
import type { FoundNetwork } from '../ports.ts';

/** The steps of "Check and save", in their order. */
export type CheckStage = 'join' | 'address' | 'resolve' | 'connect' | 'sign in' | 'save';

export const CHECK_STAGES: readonly CheckStage[] = Object.freeze([
  'join',
  'address',
  'resolve',
  'connect',
  'sign in',
  'save',
]);

/** Why a check failed; the page has words for each, and what to do next. */
export type CheckFailure =
  | 'wifi password'
  | 'wifi not found'
  | 'wifi lost'
  | 'no address'
  | 'name not found'
  | 'local name not found'
  | 'nothing answers'
  | 'certificate'
  | 'certificate expired'
  | 'certificate names'
  | 'certificate unusable'
  | 'clock not set'
  | 'tls'
  | 'sign-in refused'
  | 'broker not proven'
  | 'name refused'
  | 'not mqtt'
  | 'not websocket'
  | 'silent'
  | 'timed out'
  | 'storage';

/** Where a check stands. */
export interface CheckProgress {
  readonly state: 'idle' | 'running' | 'failed' | 'saved';
  /** The stage under way, or the one that failed. */
  readonly stage: CheckStage;
  /** Meaningful while `state` is `failed`. */
  readonly failure: CheckFailure;
}

/** What a form held: decoded bytes by field name. */
export type FormFields = ReadonlyMap<string, Uint8Array>;

/** What one sensor gave when settings were last checked. */
export interface Finding {
  readonly sensor: string;
  /** Its values with their units, or why it gives none. */
  readonly fact: string;
}

export interface PortalModel {
  /** As the set-up network is called: `Mote-` and four digits of the MAC. */
  readonly title: string;
  /** Hidden in each form; made anew at each boot. */
  readonly token: string;
  /** The strongest first. */
  readonly networks: readonly FoundNetwork[];
  readonly check: CheckProgress;
  /** Problems of the last form that was sent. */
  readonly problems: readonly FieldProblem[];
  /** Device information for the foot of the page: a stable name and a value. */
  readonly information: readonly (readonly [name: string, value: string])[];
  /** The sensors as a check last found them; undefined before. */
  readonly findings: readonly Finding[] | undefined;
  /** What a field holds now: as last sent, else as saved, else its default. Empty for a secret. */
  value(field: string): Uint8Array;
  /** Whether a secret is saved, or was sent with the last form. */
  hasSecret(field: string): boolean;
  /**
   * "Check and save".
   * @param unchecked "Save anyway": after a failed check, without another one
   */
  submit(form: FormFields, unchecked: boolean): 'started' | 'invalid' | 'busy';
  /** Factory reset, once RESET was typed. */
  reset(): void;
  /** The page of success was opened: the set-up network may close soon. */
  done(): void;
}
