/** The set-up page in a real browser, as people use it, with and without its script. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { CheckProgress } from '../../firmware/provisioning/model.ts';
import { missing } from '../support/available.ts';
import { type FakePortal, network } from '../support/fake-portal.ts';
import { launch, picture, watch } from './chromium.ts';
import { type PageServer, startPageServer } from './page-server.ts';

const PHONE = { width: 390, height: 844 };
const RUNNING: CheckProgress = { state: 'running', stage: 'resolve', failure: 'timed out' };
const FAILED: CheckProgress = { state: 'failed', stage: 'connect', failure: 'nothing answers' };
const SAVED: CheckProgress = { state: 'saved', stage: 'save', failure: 'timed out' };

describe('the set-up page in Chromium', { skip: missing('chromium') }, () => {
  let browser: Browser;
  let server: PageServer;
  let portal: FakePortal;

  before(async () => {
    [browser, server] = await Promise.all([launch(), startPageServer()]);
    portal = server.portal;
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  beforeEach(() => portal.forget());

  /** Opens the page in a context of its own; at the end it must have done nothing it must not. */
  async function on(options: BrowserContextOptions, use: (page: Page) => Promise<void>) {
    const context = await browser.newContext({ viewport: PHONE, locale: 'en', ...options });
    const page = await context.newPage();
    const found = watch(page, server.origin);
    try {
      await page.goto(server.origin);
      await use(page);
      assert.deepEqual(found, []);
    } finally {
      await context.close();
    }
  }

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with its script' : 'without a script';

    test(`${how}, a form goes from the network to the page of success`, async () => {
      await on({ javaScriptEnabled }, async (page) => {
        await page.getByLabel('Kitchen', { exact: true }).check();
        await page.getByLabel('Wi-Fi password').fill('p"ss wörd+&=');
        await page.getByLabel('Address', { exact: true }).fill('broker.example');
        await page.getByLabel('Encryption').selectOption('tls');
        await page.getByText('MQTT', { exact: true }).click();
        await page.getByLabel('Announce to Home Assistant').uncheck();
        await page.getByRole('button', { name: 'Check and save' }).click();
        await page.getByText('Checking', { exact: true }).waitFor();
        assert.equal(portal.sent('ssid'), 'Kitchen');
        assert.equal(portal.sent('wifiPassword'), 'p"ss wörd+&=');
        assert.equal(portal.sent('encryption'), 'tls');
        assert.equal(portal.sent('homeAssistant'), 'off');
        assert.equal(portal.sent('port'), '');
        portal.check = RUNNING;
        await page.locator('li.now', { hasText: 'Find the broker' }).waitFor();
        portal.check = SAVED;
        await page.getByRole('link', { name: 'Done' }).click();
        await page.getByText('Set-up is complete').waitFor();
        assert.deepEqual(portal.calls, ['save', 'done']);
      });
    });

    test(`${how}, a failed check is explained and can be saved anyway`, async () => {
      portal.check = FAILED;
      portal.set('ssid', 'Kitchen');
      portal.set('host', 'old.example');
      await on({ javaScriptEnabled }, async (page) => {
        const result = page.locator('#result');
        assert.match(await result.innerText(), /Nothing answers at that address and port/);
        assert.match(await page.title(), /^The check failed/);
        await page.getByLabel('Address', { exact: true }).fill('new.example');
        await page.getByRole('button', { name: 'Save anyway' }).click();
        await page.getByText('Checking', { exact: true }).waitFor();
        assert.deepEqual(portal.calls, ['save anyway']);
        assert.equal(portal.sent('host'), 'new.example');
        assert.equal(portal.sent('ssid'), 'Kitchen');
      });
    });

    test(`${how}, a hidden network is typed, and a reset needs its word`, async () => {
      portal.set('ssid', 'Kitchen');
      await on({ javaScriptEnabled }, async (page) => {
        assert.equal(await page.getByLabel('Network name').isVisible(), false);
        await page.getByLabel('Other or hidden network').check();
        await page.getByLabel('Network name').fill('Hiddén <b>');
        await page.getByRole('button', { name: 'Check and save' }).click();
        await page.getByText('Checking', { exact: true }).waitFor();
        assert.equal(portal.sent('ssid'), 'Hiddén <b>');
        portal.forget();
        await page.goto(server.origin);
        await page.getByText('Factory reset').click();
        await page.getByLabel('Type RESET').fill('reset');
        await page.getByRole('button', { name: 'Erase everything' }).click();
        await page.getByText('Nothing was erased').waitFor();
        await page.getByLabel('Type RESET').fill('RESET');
        await page.getByRole('button', { name: 'Erase everything' }).click();
        await page.getByText('All settings are erased').waitFor();
        assert.deepEqual(portal.calls, ['reset']);
      });
    });
  }

  test('what happens between two readings is folded, and sent as it is set', async () => {
    await on({}, async (page) => {
      const spread = page.getByLabel('Least and greatest');
      assert.equal(await spread.isVisible(), false);
      await page.getByText('Between two readings').click();
      await page.getByLabel('Sample every (s)').fill('5');
      await page.getByLabel('Longest silence (s)').fill('600');
      await page.getByLabel('Store on change').fill('temperature 0.2');
      await spread.check();
      await page.getByRole('button', { name: 'Check and save' }).click();
      await page.getByText('Checking', { exact: true }).waitFor();
      const sent = ['sampleS', 'silenceS', 'onChange', 'spread'].map((name) => portal.sent(name));
      assert.deepEqual(sent, ['5', '600', 'temperature 0.2', 'on']);
    });
  });

  test('the script shows passwords, and the usual port of an encryption', async () => {
    portal.set('port', '1883');
    await on({}, async (page) => {
      const password = page.getByLabel('Wi-Fi password');
      await password.fill('hunter2!');
      const eye = page.getByRole('button', { name: 'Show password' }).first();
      await eye.click();
      assert.equal(await password.getAttribute('type'), 'text');
      assert.equal(await eye.getAttribute('aria-pressed'), 'true');
      await eye.click();
      assert.equal(await password.getAttribute('type'), 'password');
      const port = page.getByLabel('Port');
      await page.getByLabel('Encryption').selectOption('tls-websocket');
      assert.equal(await port.inputValue(), '', 'the usual port of before goes');
      assert.equal(await port.getAttribute('placeholder'), '443');
      await port.fill('9001');
      await page.getByLabel('Encryption').selectOption('tls');
      assert.equal(await port.inputValue(), '9001');
    });
  });

  test('without a script there is no button that would do nothing', async () => {
    await on({ javaScriptEnabled: false }, async (page) => {
      assert.equal(await page.getByRole('button', { name: 'Show password' }).count(), 0);
      assert.equal(await page.getByLabel('Port').getAttribute('placeholder'), '1883');
    });
  });

  test('an open network asks for no password', async () => {
    await on({}, async (page) => {
      await page.getByLabel('Kitchen Guest').check();
      assert.equal(await page.getByLabel('Wi-Fi password').isVisible(), false);
      await page.getByLabel('Kitchen', { exact: true }).check();
      assert.equal(await page.getByLabel('Wi-Fi password').isVisible(), true);
    });
  });

  test('what is wrong has the focus, and its links lead to the fields', async () => {
    portal.problems = [
      { field: 'wifiPassword', code: 'wifi password', min: 8, max: 63 },
      { field: 'keepAliveS', code: 'whole', min: 5, max: 3600 },
    ];
    await on({}, async (page) => {
      assert.equal(await page.locator('#result:focus').count(), 1);
      await page.getByRole('link', { name: 'Keep-alive' }).click();
      const field = page.getByRole('textbox', { name: 'Keep-alive (s)' });
      assert.equal(await field.isVisible(), true);
      await page.keyboard.press('Tab');
      assert.match(
        (await page.locator(':focus').getAttribute('id')) as string,
        /keepAliveS|version/,
      );
    });
  });

  test('a phone that leaves the set-up network is told, and goes on when it is back', async () => {
    portal.check = RUNNING;
    await on({}, async (page) => {
      await page.locator('li.now', { hasText: 'Find the broker' }).waitFor();
      await page.route('**/state', (route) => route.abort());
      await page.getByText('Your phone left the set-up network').waitFor();
      await picture(page, 'lost');
      await page.unroute('**/state');
      await page.getByText('Your phone left the set-up network').waitFor({ state: 'hidden' });
      portal.check = FAILED;
      await page.getByText('The check failed').waitFor();
    });
  });

  test('whoever fills the form in keeps the board waiting: the script says so at once', async () => {
    await on({}, async (page) => {
      const asked: string[] = [];
      const answered = page.waitForResponse('**/state');
      page.on('request', (request) => asked.push(request.url()));
      await page.getByLabel('User name').pressSequentially('ann');
      await page.getByLabel('Kitchen', { exact: true }).check();
      await answered;
      assert.deepEqual(asked, [`${server.origin}/state`]);
    });
  });

  test('a name that is markup stays text', async () => {
    portal.networks.push(network('<img src=x onerror=alert(1)>', -50));
    await on({}, async (page) => {
      await page.getByLabel('<img src=x onerror=alert(1)>').check();
      assert.equal(await page.locator('img').count(), 0);
    });
  });
});
