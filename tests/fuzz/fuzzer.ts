/**
 * The loop: takes an input of the corpus, changes it, runs it, and keeps it when it went where none
 * went before. A finding is made as small as it can be without ending otherwise.
 */

import type { Meter } from './meter.ts';
import { Dice, Mutator } from './mutator.ts';
import type { Target } from './target.ts';

/** An input that the target did not take as it must. */
export interface Finding {
  readonly input: Uint8Array;
  readonly error: Error;
}

const UTF8 = new TextEncoder();
/** Inputs of a seed run: more are not tried to make a finding smaller. */
const TRIES_MAX = 20_000;

export class Fuzzer {
  readonly corpus: Uint8Array[] = [];
  /** Inputs that were run. */
  executed = 0;
  /** The most that one input took. */
  stepsPeak = 0;
  madePeak = 0;
  private readonly target: Target;
  private readonly meter: Meter;
  private readonly dice: Dice;
  private readonly mutator: Mutator;

  /** @param meter the one that the target's code counts in */
  constructor(target: Target, meter: Meter, words: readonly (string | number)[], seed: number) {
    this.target = target;
    this.meter = meter;
    this.dice = new Dice(seed);
    const dictionary = [...(target.dictionary ?? []), ...words.flatMap(bytesOf)];
    this.mutator = new Mutator(this.dice, dictionary, target.bytesMax);
  }

  /** Branches that were reached so far. */
  get covered(): number {
    return this.meter.covered;
  }

  /** Runs the seeds. @returns the first finding */
  begin(): Finding | undefined {
    for (const seed of this.target.seeds) {
      const finding = this.run(seed);
      if (finding !== undefined) return finding;
      this.meter.takeNews();
      this.corpus.push(seed);
    }
    return undefined;
  }

  /** Runs one input more. @returns what it found */
  step(): Finding | undefined {
    const { corpus, dice, target } = this;
    const input = this.mutator.mutate(this.parent(), dice.pick(corpus));
    if (target.repair !== undefined && dice.below(8) > 0) target.repair(input, dice);
    const finding = this.run(input);
    if (finding === undefined && this.meter.takeNews()) corpus.push(input);
    return finding;
  }

  /** Runs one input. @returns what was wrong with it */
  run(input: Uint8Array): Finding | undefined {
    const { target, meter } = this;
    meter.begin();
    this.executed++;
    try {
      target.run(input.slice());
      const { steps, bytes } = meter;
      this.stepsPeak = Math.max(this.stepsPeak, steps);
      this.madePeak = Math.max(this.madePeak, bytes);
      if (steps > target.stepsMax) throw new Error(`${steps} steps`);
      if (bytes > target.madeMax) throw new Error(`${bytes} bytes made`);
    } catch (error) {
      return { input, error: error as Error };
    }
    return undefined;
  }

  /** @returns the finding with as few bytes as possible, and as many of them 0x61 or 0 */
  minimised(finding: Finding): Finding {
    let best = finding;
    let tries = 0;
    const attempt = (input: Uint8Array): boolean => {
      if (++tries > TRIES_MAX) return false;
      const found = this.run(input);
      if (found === undefined || kindOf(found) !== kindOf(finding)) return false;
      best = found;
      return true;
    };
    for (let size = finding.input.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at + size <= best.input.length; ) {
        const { input } = best;
        const less = Uint8Array.from([...input.subarray(0, at), ...input.subarray(at + size)]);
        if (!attempt(less)) at += size;
      }
    }
    for (const plain of [0x61, 0]) {
      for (let at = 0; at < best.input.length; at++) {
        if (best.input[at] === 0 || best.input[at] === 0x61) continue;
        const simpler = best.input.slice();
        simpler[at] = plain;
        attempt(simpler);
      }
    }
    return best;
  }

  /** Of the newest inputs more than their share is taken: they lead on. And of short ones: quick. */
  private parent(): Uint8Array {
    const { corpus, dice } = this;
    const chance = dice.below(4);
    if (chance === 0) return dice.pick(corpus);
    if (chance < 3) {
      const [a, b] = [dice.pick(corpus), dice.pick(corpus)];
      return a.length < b.length ? a : b;
    }
    return corpus[corpus.length - 1 - dice.below(Math.min(corpus.length, 16))];
  }
}

/** Findings are alike when their words are, whatever numbers stand in them. */
function kindOf({ error }: Finding): string {
  return `${error.name} ${error.message
    .split('\n')[0]
    .replace(/[0-9]+/g, '0')
    .slice(0, 60)}`;
}

function bytesOf(word: string | number): Uint8Array[] {
  if (typeof word === 'string') return [UTF8.encode(word)];
  if (word < 0 || word > 0xffff_ffff) return [];
  if (word < 0x100) return [Uint8Array.of(word)];
  const bytes = Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
  const short = word < 0x1_0000 ? bytes.subarray(2) : bytes;
  return [short, short.slice().reverse()];
}
