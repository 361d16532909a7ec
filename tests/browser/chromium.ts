/** Debian's Chromium, driven without a download, a profile or a word to the outside. */

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireTool } from '../support/available.ts';

const folder = fileURLToPath(new URL('../../test-output/', import.meta.url));
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
})`;

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: requireTool('chromium'), args: ARGUMENTS });
}

/** What a page did that it must not: requests elsewhere, violations of its policy, errors. */
export function watch(page: Page, origin: string): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) found.push(`request to ${request.url()}`);
  });
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy|Refused to/.test(text)) found.push(text);
  });
  return found;
}

/** Runs axe-core. @returns one line for each violation; the page must not enforce its policy. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ path: axePath });
  const result = (await page.evaluate(AXE)) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

/** Keeps a picture in `test-output/`, which git does not. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `page-${name}.png`), fullPage: true });
}
