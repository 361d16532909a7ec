/**
 * A person with a phone at a board's set-up page: reads the page's own bytes, fills its form in as a
 * browser would, and follows where it leads. Everything waits in virtual time.
 */

import assert from 'node:assert/strict';
import {
  type PhoneRequest,
  type PhoneResponse,
  VirtualPhone,
} from '../../host-sim/virtual/phone.ts';
import type { SetUpBoard } from './set-up-board.ts';

/** What a form would send: names and values in their order. */
export type Filled = Map<string, string>;

function plain(text: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text.replace(/&(#?)(\w+);/g, (_, isNumber, name) => {
    if (isNumber === '') return names[name];
    return String.fromCodePoint(name[0] === 'x' ? Number(`0${name}`) : Number(name));
  });
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s>])`).exec(tag);
  return found === null ? undefined : plain(found[1] ?? '');
}

/** The fields of the form with this action, as the page fills them. @throws when there is none */
export function formIn(html: string, action: string): Filled {
  const form = new RegExp(`<form[^>]*action="${action}"[\\s\\S]*?</form>`).exec(html)?.[0];
  assert.ok(form !== undefined, `no form for ${action} in: ${html.slice(0, 200)}`);
  const filled: Filled = new Map();
  const parts = form.matchAll(
    /<input[^>]*>|<textarea[^>]*>[^<]*<\/textarea>|<select[\s\S]*?<\/select>/g,
  );
  for (const [part] of parts) {
    const tag = /^<[^>]*>/.exec(part)?.[0] ?? '';
    const name = attribute(tag, 'name') ?? '';
    const type = attribute(tag, 'type') ?? '';
    if (part.startsWith('<textarea')) {
      filled.set(name, plain(part.slice(tag.length, -'</textarea>'.length)).replace(/^\n/, ''));
    } else if (part.startsWith('<select')) {
      const options = [...part.matchAll(/<option[^>]*>[^<]*/g)].map(([option]) => option);
      const chosen = options.find((option) => / selected/.test(option)) ?? options[0];
      const end = chosen.indexOf('>') + 1;
      filled.set(name, attribute(chosen.slice(0, end), 'value') ?? plain(chosen.slice(end)));
    } else if (!/radio|checkbox/.test(type) || attribute(tag, 'checked') !== undefined) {
      filled.set(name, attribute(tag, 'value') ?? '');
    }
  }
  return filled;
}

/** As a browser encodes a form. */
export function encoded(filled: Filled): string {
  const code = (text: string) =>
    [...Buffer.from(text)]
      .map((byte) => {
        if (byte === 0x20) return '+';
        const isPlain = /[A-Za-z0-9*._-]/.test(String.fromCharCode(byte));
        return isPlain ? String.fromCharCode(byte) : `%${(byte | 0x100).toString(16).slice(1)}`;
      })
      .join('');
  return [...filled].map(([name, value]) => `${code(name)}=${code(value)}`).join('&');
}

export class Person {
  readonly phone: VirtualPhone;
  readonly #board: SetUpBoard;

  constructor(board: SetUpBoard) {
    this.#board = board;
    const { radio, inside, air } = board;
    this.phone = new VirtualPhone({ radio, inside, air });
  }

  /** Waits for the set-up network and gets on it. */
  getOn(): this {
    const board = this.#board;
    board.queue.runUntil(() => board.portal?.state === 'open', board.queue.now + 60_000);
    assert.ok(board.portal !== undefined);
    this.phone.join(board.portal.title, board.portal.password);
    board.queue.runUntil(() => this.phone.isOn, board.queue.now + 60_000);
    assert.ok(this.phone.isOn);
    return this;
  }

  /** Sends a request and waits for its end. */
  ask(request: PhoneRequest): PhoneResponse | undefined {
    const { queue } = this.#board;
    let answer: { response: PhoneResponse | undefined } | undefined;
    this.phone.request(request, (response) => {
      answer = { response };
    });
    queue.runUntil(() => answer !== undefined, queue.now + 30_000);
    return answer?.response;
  }

  /** The page at a path, tried until it is there. */
  page(path = '/'): string {
    for (let i = 0; i < 20; i += 1) {
      const response = this.ask({ path });
      if (response?.status === 200) return response.body;
      this.#board.queue.runFor(1500);
    }
    assert.fail(`no page at ${path}`);
  }

  /** Fills the form on the page, and sends it to its action or another. */
  send(html: string, fields: Record<string, string>, to = '/save'): PhoneResponse | undefined {
    const filled = formIn(html, to === '/reset' ? to : '/save');
    for (const [name, value] of Object.entries(fields)) filled.set(name, value);
    const headers = { Origin: 'http://192.168.4.1' };
    return this.ask({ method: 'POST', path: to, body: encoded(filled), headers });
  }

  /** Looks at the page until the check on it is over. @returns the page then */
  result(): string {
    for (let i = 0; i < 60; i += 1) {
      const html = this.page();
      if (!html.includes('id="now"')) return html;
      this.#board.queue.runFor(2000);
    }
    assert.fail('the check has no end');
  }

  /** Does what the page asks for until the board works, whatever happens to it meanwhile. */
  persist(fields: Record<string, string>): void {
    const board = this.#board;
    for (let i = 0; i < 100 && board.device?.state !== 'online'; i += 1) {
      const html = this.ask({ path: '/' })?.body;
      if (html?.includes('action="/save"') === true) this.send(html, fields);
      else if (html?.includes('href="/done"') === true) this.ask({ path: '/done' });
      board.queue.runFor(2000);
    }
    assert.equal(board.device?.state, 'online');
  }
}
