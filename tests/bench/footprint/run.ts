/**
 * The footprint benchmark: the table of figures in XS, compared with `tests/xs/budgets.json`.
 *
 *   tsx tests/bench/footprint/run.ts            exit 1 when a figure has grown
 *   tsx tests/bench/footprint/run.ts --update   writes the figures down as the new budgets
 *
 * Without a 32-bit compiler it says so and succeeds, unless XS_REQUIRED=1.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
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

/** Prints the table. @returns whether nothing has grown */
export async function footprint(update: boolean): Promise<boolean> {
  const reason = await missingHost('figures');
  if (reason !== false) {
    console.log(`footprint in XS ${reason}`);
    return true;
  }
  const figures = await measureFootprint();
  if (update) writeFileSync(budgetsPath, `${JSON.stringify(figures, null, 2)}\n`);
  const budgets = readBudgets();
  console.log(table(figures, budgets));
  const grown = overBudget(figures, budgets);
  for (const line of grown) console.error(line);
  return grown.length === 0;
}

function options(): { update: boolean } {
  try {
    const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]} (accepted: --update)`);
    process.exit(2);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const grew = !(await footprint(options().update).catch((error: Error) => {
    console.error(error.message);
    return false;
  }));
  if (grew) process.exitCode = 1;
}
