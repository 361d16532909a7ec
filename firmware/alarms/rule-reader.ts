/**
 * Reads the setting `alarms`: rules in words, with `;` between them.
 *
 *     temperature > 30 hysteresis 0.5 for 60s clear for 5min latched
 *     humidity < 20; temperature changes > 2/min
 *     temperature silent for 300s; pressure stuck for 50 samples; temperature unusual
 *
 * Words may be in either case, and signs may stand without spaces. What cannot be read is named: the
 * rule's number, the word, and what could stand in its place, in the words of the rules themselves,
 * so that it needs no translation.
 */

import { RULES_MAX, type Rule, type RuleKind } from './rule.ts';

/** The first thing that is wrong. */
export interface RuleProblem {
  /** From 1. */
  readonly rule: number;
  /** The word that is wrong, cut to `WORD_CHARACTERS_MAX`; empty where the rule ends too soon. */
  readonly word: string;
  /** What could stand there. */
  readonly known: string;
}

export interface ReadRules {
  /** Empty where there is a problem. */
  readonly rules: readonly Rule[];
  readonly problem: RuleProblem | undefined;
}

/** The longest text that is read; a longer one has too many rules. */
export const RULES_BYTES_MAX = 480;
const WORD_CHARACTERS_MAX = 24;
/** A delay, and a time of silence, at most. */
const SECONDS_MAX = 86_400;
const SAMPLES_MIN = 3;
const SAMPLES_MAX = 10_000;
/** An unusual value is a moment: its alarm is over an hour after the last one. */
const UNUSUAL_CLEAR_S = 3600;

const KINDS = '>, <, changes, silent, stuck, unusual';
const OPTIONS = 'hysteresis, for, clear, latched, ;';
const NUMBER = 'N';
const DURATION = 'Ns, Nmin, Nh';
const SUFFIXES: readonly string[] = Object.freeze(['', 's', 'min', 'h']);
const SECONDS: readonly number[] = Object.freeze([0, 1, 60, 3600]);

/** @returns the rules, or what is wrong with the first that cannot be read */
export function readRules(text: string): ReadRules {
  const rules: Rule[] = [];
  const parts = text.toLowerCase().slice(0, RULES_BYTES_MAX).split(';');
  for (let i = 0; i < parts.length; i += 1) {
    const reader = new RuleReader(parts[i]);
    // A semicolon may end the last rule, too.
    if (reader.isEmpty) continue;
    const rule = rules.length < RULES_MAX ? reader.read(rules) : undefined;
    if (rule === undefined) {
      const { word, known } = reader;
      const isOneTooMany = rules.length === RULES_MAX;
      const problem = {
        rule: rules.length + 1,
        word,
        known: isOneTooMany ? `1-${RULES_MAX}` : known,
      };
      return { rules: [], problem };
    }
    rules.push(rule);
  }
  return { rules, problem: undefined };
}

/** What stands behind a rule's kind. */
interface Draft {
  limit: number;
  hysteresis: number;
  forS: number;
  clearS: number;
  isLatched: boolean;
}

/** One rule, word by word. */
class RuleReader {
  /** What could have stood where the reader came to its end. */
  known = 'temperature, humidity, pressure, …';
  private readonly words: readonly string[];
  private at = 0;

  constructor(text: string) {
    const apart = text.replace(/([<>])/g, ' $1 ').replace(/ *\/ */g, '/');
    this.words = apart.split(/\s+/).filter((word) => word !== '');
  }

  get isEmpty(): boolean {
    return this.words.length === 0;
  }

  /** The word that is looked at; empty behind the last one. */
  get word(): string {
    return (this.words[this.at] ?? '').slice(0, WORD_CHARACTERS_MAX);
  }

  /** @param before the rules before it, whose names are taken. @returns undefined: see `known` */
  read(before: readonly Rule[]): Rule | undefined {
    const quantity = this.words[0];
    if (!/^[a-z][a-z0-9_]*$/.test(quantity) || quantity.length > WORD_CHARACTERS_MAX * 2) {
      return undefined;
    }
    this.at = 1;
    const draft: Draft = { limit: 0, hysteresis: Number.NaN, forS: 0, clearS: 0, isLatched: false };
    const kind = this.kind(draft);
    if (kind === undefined || !this.options(kind, draft)) return undefined;
    const { limit, hysteresis, forS, clearS, isLatched } = draft;
    const plain = `${quantity}_${kind}`;
    let name = plain;
    for (let n = 2; before.some((rule) => rule.name === name); n += 1) name = `${plain}_${n}`;
    const delays = { forMs: forS * 1000, clearMs: clearS * 1000 };
    return Object.freeze({ name, quantity, kind, limit, hysteresis, ...delays, isLatched });
  }

  /** Reads on to the options. */
  private kind(draft: Draft): RuleKind | undefined {
    this.known = KINDS;
    if (this.take('>')) return this.limit(draft, '') ? 'high' : undefined;
    if (this.take('<')) return this.limit(draft, '') ? 'low' : undefined;
    if (this.take('changes')) {
      this.known = '>';
      return this.take('>') && this.limit(draft, '/min') ? 'rate' : undefined;
    }
    if (this.take('silent')) {
      draft.limit = this.duration();
      return draft.limit > 0 ? 'silent' : undefined;
    }
    if (this.take('stuck')) return this.samples(draft) ? 'stuck' : undefined;
    if (!this.take('unusual')) return undefined;
    draft.clearS = UNUSUAL_CLEAR_S;
    return 'unusual';
  }

  private options(kind: RuleKind, draft: Draft): boolean {
    const hasBand = kind === 'high' || kind === 'low' || kind === 'rate';
    const mayWait = hasBand || kind === 'unusual';
    while (this.at < this.words.length) {
      this.known = hasBand ? OPTIONS : mayWait ? 'clear, latched, ;' : 'latched, ;';
      if (this.take('latched')) draft.isLatched = true;
      else if (hasBand && this.take('hysteresis')) {
        this.known = NUMBER;
        draft.hysteresis = this.number('');
        if (draft.hysteresis < 0) this.at -= 1;
        if (!(draft.hysteresis >= 0)) return false;
      } else if (hasBand && this.word === 'for') {
        draft.forS = this.duration();
        if (draft.forS === 0) return false;
      } else if (mayWait && this.take('clear')) {
        draft.clearS = this.duration();
        if (draft.clearS === 0) return false;
      } else return false;
    }
    return true;
  }

  /** Passes over a word, if it is this one. */
  private take(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at += 1;
    return true;
  }

  private limit(draft: Draft, suffix: string): boolean {
    this.known = NUMBER + suffix;
    draft.limit = this.number(suffix);
    return !Number.isNaN(draft.limit);
  }

  private samples(draft: Draft): boolean {
    this.known = 'for';
    if (!this.take('for')) return false;
    this.known = `${SAMPLES_MIN}-${SAMPLES_MAX} samples`;
    const count = this.number('');
    const isGood = count >= SAMPLES_MIN && count <= SAMPLES_MAX && count % 1 === 0;
    if (!isGood) {
      this.at -= Number.isNaN(count) ? 0 : 1;
      return false;
    }
    draft.limit = count;
    return this.take('samples');
  }

  /** Reads `for 60s`, `for 60 s`. @returns seconds, 1 to a day; 0 for none */
  private duration(): number {
    this.known = 'for';
    if (!this.take('for')) return 0;
    this.known = DURATION;
    for (let i = 1; i < SUFFIXES.length; i += 1) {
      const start = this.at;
      let count = this.number(SUFFIXES[i]);
      if (Number.isNaN(count)) {
        count = this.number('');
        if (!Number.isNaN(count) && !this.take(SUFFIXES[i])) count = Number.NaN;
      }
      const seconds = count * SECONDS[i];
      if (seconds >= 1 && seconds <= SECONDS_MAX) return seconds;
      this.at = start;
    }
    return 0;
  }

  /** Reads a number with these letters behind it; NaN where there is none, and nothing is read. */
  private number(suffix: string): number {
    const word = this.words[this.at] ?? '';
    if (!word.endsWith(suffix)) return Number.NaN;
    const digits = word.slice(0, word.length - suffix.length);
    if (!/^[-+]?\d+([.,]\d+)?$/.test(digits) || digits.length > 12) return Number.NaN;
    this.at += 1;
    return Number(digits.replace(',', '.')) + 0;
  }
}
