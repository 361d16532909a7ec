/**
 * Which tests a mutant meets, and in which order: those first that are likely to notice for what
 * they cost, as told by the mutants of the same source before it.
 */

import type { Coverage, Covering, Noticed } from './worker.ts';

/** What is believed of a test before it met a mutant, out of one: that it notices. */
const NOTICES = 0.1;
const NOTICES_OWN = 0.5;
/** A mutant resembles those just before it more than those long ago. */
const FADING = 0.97;

interface Record {
  noticed: number;
  met: number;
}

/** See the file's header. One for each source. */
export class Order {
  private readonly records = new Map<string, Record>();

  /** How a script's name ends that is the source's own test. */
  private readonly own: string;

  /** @param name the source's, without folder and ending */
  constructor(name: string) {
    this.own = `+${name}.test.ts`;
  }

  /**
   * @param msMax what they may work together, as measured without the mutant
   * @returns the tests that come to a mutant
   */
  coveringOf(mutant: number, all: readonly Coverage[], msMax: number): Covering[] {
    const covering: (Covering & { readonly worth: number })[] = [];
    for (const { script, tests, ids, evaluationMs } of all) {
      const isAlways = ids.includes(mutant);
      for (const { at, ms, ids: own, asked } of tests) {
        if (!isAlways && !own.includes(mutant)) continue;
        const { noticed, met } = this.recordOf(script, at);
        covering.push({ script, at, ms, asked, worth: noticed / met / (ms + evaluationMs + 1) });
      }
    }
    covering.sort((a, b) => b.worth - a.worth);
    let sum = 0;
    return covering.filter(({ ms }) => {
      if (sum + ms > msMax) return false;
      sum += ms;
      return true;
    });
  }

  /** Remembers which of them noticed; those before it did not. */
  learn(covering: readonly Covering[], by: Noticed | undefined): void {
    for (const { script, at } of covering) {
      const record = this.recordOf(script, at);
      const has = by !== undefined && by.script === script && by.at === at;
      record.noticed = record.noticed * FADING + (has ? 1 : 0);
      record.met = record.met * FADING + 1;
      if (has) return;
    }
  }

  private recordOf(script: string, at: number): Record {
    const name = `${script} ${at}`;
    let record = this.records.get(name);
    if (record === undefined) {
      record = { noticed: script.endsWith(this.own) ? NOTICES_OWN : NOTICES, met: 1 };
      this.records.set(name, record);
    }
    return record;
  }
}
