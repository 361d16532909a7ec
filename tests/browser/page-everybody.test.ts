/** The set-up page in a real browser: for everybody, in each state, width, colour and language. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { missing } from '../support/available.ts';
import type { FakePortal } from '../support/fake-portal.ts';
import { launch, picture, violations } from './chromium.ts';
import { type PageServer, startPageServer } from './page-server.ts';

/** What is cut or broken within a word on a narrow phone; runs on the page. */
const CUT = `[
  ...[...document.querySelectorAll('dd')].filter((e) => e.getClientRects()[0].height > 26),
  ...[...document.querySelectorAll('select')].filter((e) => {
    const ruler = document.body.appendChild(document.createElement('span'));
    ruler.style.font = getComputedStyle(e).font;
    ruler.style.position = 'absolute';
    const widths = [...e.options].map((o) => ((ruler.textContent = o.text), ruler.offsetWidth));
    ruler.remove();
    // Its padding, and the arrow.
    return e.clientWidth - 24 - 18 < Math.max(...widths);
  }),
].map((e) => e.textContent)`;
const SCHEMES = ['light', 'dark'] as const;
const ALL_WIDTHS = [320, 390, 1024];

interface State {
  readonly set: (portal: FakePortal) => void;
  readonly widths: readonly number[];
}

const STATES: Readonly<Record<string, State>> = {
  'the form, all of it open, with problems and saved secrets': {
    set(portal) {
      for (const secret of ['wifiPassword', 'password', 'key']) portal.secrets.add(secret);
      portal.problems = ['ssid', 'wifiPassword', 'host', 'ca', 'sda'].map((field) => {
        return { field, code: 'missing' };
      });
    },
    widths: ALL_WIDTHS,
  },
  'a check that failed': {
    set(portal) {
      portal.check = { state: 'failed', stage: 'connect', failure: 'nothing answers' };
    },
    widths: [390],
  },
  'a check under way': {
    set(portal) {
      portal.check = { state: 'running', stage: 'resolve', failure: 'timed out' };
    },
    widths: [390],
  },
  success: {
    set(portal) {
      portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
    },
    widths: [390],
  },
};

describe('the set-up page for everybody', { skip: missing('chromium') }, () => {
  let browser: Browser;
  let server: PageServer;

  before(async () => {
    [browser, server] = await Promise.all([launch(), startPageServer()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  for (const [name, { set, widths }] of Object.entries(STATES)) {
    test(`axe-core finds nothing in light and dark, and nothing overflows: ${name}`, async () => {
      server.portal.forget();
      set(server.portal);
      // The policy would keep axe-core out; page.test.ts watches that it is kept.
      const context = await browser.newContext({ bypassCSP: true, locale: 'en' });
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.evaluate('for (const e of document.querySelectorAll("details")) e.open = true');
      for (const width of widths) {
        await page.setViewportSize({ width, height: 844 });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        // Colours do not depend on the width.
        for (const colorScheme of width === 390 ? SCHEMES : SCHEMES.slice(0, 1)) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page), [], `${width} px, ${colorScheme}`);
          const what = name.split(' ', 3).join('-');
          if (width === 390) await picture(page, `${what}-${colorScheme}`);
        }
      }
      await context.close();
    });
  }

  for (const [locale, save] of [
    ['en', 'Check and save'],
    ['de-DE', 'Prüfen und speichern'],
    ['zh-CN', '测试并保存'],
  ]) {
    test(`a phone in ${locale} gets its language, and nothing overflows or is cut`, async () => {
      server.portal.forget();
      const context = await browser.newContext({ locale, viewport: { width: 320, height: 640 } });
      const page = await context.newPage();
      await page.goto(server.origin);
      await page.getByRole('button', { name: save }).waitFor();
      await page.evaluate('for (const e of document.querySelectorAll("details")) e.open = true');
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
      assert.deepEqual(await page.evaluate(CUT), []);
      await picture(page, `form-320-${locale}`);
      await context.close();
    });
  }
});
