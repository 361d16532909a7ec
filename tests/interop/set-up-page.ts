/** The set-up page of a board of `npm start`, as a browser uses it. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Started } from './start-process.ts';

const CHECK_MS_MAX = 20_000;

/** What the page of one board answered, all of it. */
export class Page {
  readonly url: string;
  seen = '';
  #token = '';

  constructor(url: string) {
    this.url = url;
  }

  async get(path = ''): Promise<string> {
    const response = await fetch(`${this.url}${path}`);
    const text = await response.text();
    this.seen += JSON.stringify([...response.headers]) + text;
    this.#token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? this.#token;
    return text;
  }

  async post(path: string, fields: Record<string, string>): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: this.url.slice(0, -1) },
      body: new URLSearchParams({ token: this.#token, ...fields }),
    });
    this.seen += await response.text();
    return response;
  }

  /** Sends the settings and waits for the result of the check. */
  async check(fields: Record<string, string>): Promise<string> {
    const { status } = await this.post('save', fields);
    assert.equal(status, 303);
    const until = Date.now() + CHECK_MS_MAX;
    for (;;) {
      const state = await this.get('state');
      if (!state.includes('"running"')) return state;
      assert.ok(Date.now() < until, `the check did not end: ${state}`);
      await sleep(100);
    }
  }
}

/** Where the set-up page of a board is, once it answers. */
export function pageOf(run: Started): string {
  return String(run.events.find(({ event }) => event === 'set-up opened')?.url ?? '');
}
