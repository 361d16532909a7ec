/**
 * The footprint benchmark, a part of `npm run bench`: the table of figures in XS, compared with
 * `tests/xs/budgets.json`. Without a 32-bit compiler it says so and succeeds, unless XS_REQUIRED=1.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missingHost } from '../../xs/host-build.ts';
import { type Figures, measureFootprint } from './figures.ts';
import { targetOf } from './targets.ts';

const budgetsPath = fileURLToPath(new URL('../../xs/budgets.json', import.meta.url));

/** The committed budgets. */
export function readBudgets(): Figures {
  return JSON.parse(readFileSync(budgetsPath, 'utf8'));
}

/** What is worse than its budget, or has none; one line each. */
export function overBudget(figures: Figures, budgets: Figures): string[] {
  const missing = Object.keys(budgets).filter((name) => !(name in figures));
  const grown = Object.entries(figures).flatMap(([name, value]) => {
    const budget = budgets[name];
    if (budget === undefined) return [`${name}: ${value}, and no budget`];
    return value > budget ? [`${name}: ${value}, over its budget of ${budget}`] : [];
  });
  return [...grown, ...missing.map((name) => `${name}: a budget, and no figure`)];
}

/**
 * What may not become a budget because it is over its target; one line each.
 * @param reason why it may all the same; empty: it may not
 */
export function refused(figures: Figures, reason: string): string[] {
  if (reason.trim() !== '') return [];
  return Object.entries(figures).flatMap(([name, value]) => {
    const target = targetOf(name);
    return target !== undefined && value > target
      ? [`${name}: ${value}, over its target of ${target}`]
      : [];
  });
}

/** One line per figure: its value, its budget where it differs, its target where it has one. */
export function table(figures: Figures, budgets: Figures): string {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  const lines = Object.entries(figures).map(([name, value]) => {
    const budget = budgets[name];
    const change = budget === undefined || budget === value ? '' : `  (budget ${budget})`;
    const target = targetOf(name);
    const verdict =
      target === undefined ? '' : `  target ${target}${value > target ? ', missed' : ''}`;
    return `${name.padEnd(width)}  ${String(value).padStart(7)}${verdict}${change}`;
  });
  return lines.join('\n');
}

/**
 * Measures, and compares.
 * @param update writes the figures down as the new budgets; not those over their targets
 * @param reason why budgets may be written over their targets all the same; empty: they may not
 * @param print told what is for a person to read
 * @returns the figures, undefined where they cannot be measured; and what has grown, one line each
 */
export async function footprint(
  update: boolean,
  reason: string,
  print: (text: string) => void,
): Promise<{ readonly figures: Figures | undefined; readonly grown: readonly string[] }> {
  const missing = await missingHost('figures');
  if (missing !== false) {
    print(`footprint in XS ${missing}`);
    return { figures: undefined, grown: [] };
  }
  const figures = await measureFootprint();
  const over = update ? refused(figures, reason) : [];
  if (over.length > 0) over.push('nothing is written; --over-target REASON would');
  else if (update) writeFileSync(budgetsPath, `${JSON.stringify(figures, null, 2)}\n`);
  const budgets = readBudgets();
  print(table(figures, budgets));
  return { figures, grown: [...over, ...overBudget(figures, budgets)] };
}
