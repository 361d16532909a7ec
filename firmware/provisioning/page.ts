/**
 * What the set-up page shows: fills `page.html` from the portal's model. `template.ts` escapes
 * every value, and the model gives no secret, so none can reach the page.
 */

import { decodeUtf8, isValidUtf8 } from '../base/text.ts';
import {
  CHECK_STAGES,
  type CheckProgress,
  type FieldProblem,
  type ListedNetwork,
  type PortalModel,
} from './model.ts';
import { type TemplateView, utf8Bytes, type Words } from './template.ts';

/** The form, with what came of the last one; or a page of its own. */
export type PageMode = 'form' | 'running' | 'saved' | 'done' | 'reset';

/** Said above the form: sent too often; sent by the page of an earlier boot; RESET not typed. */
export type PageNotice = '' | 'slow' | 'stale' | 'confirm';

const HEX = '0123456789abcdef';
/** Of each encryption, as the page's script has them too. */
const USUAL_PORTS: Readonly<Record<string, string>> = Object.freeze({
  none: '1883',
  tls: '8883',
  'tls-websocket': '443',
  websocket: '80',
});
/** From where on a signal is fair, good and strong, in dBm. */
const LEVELS = Object.freeze([-78, -67, -55]);

/** One page, as things stand when it is made: a check that goes on does not change it half-way. */
export class PageView implements TemplateView {
  readonly #model: PortalModel;
  readonly #words: Words;
  readonly #mode: PageMode;
  readonly #notice: PageNotice;
  readonly #check: CheckProgress;
  readonly #problems: readonly FieldProblem[];
  readonly #networks: readonly ListedNetwork[];
  /** The place of the chosen network; -1: it is not on the list, and stands in the text field. */
  readonly #chosen: number;
  #index = 0;
  #field = '';
  #problem: FieldProblem | undefined;

  constructor(model: PortalModel, words: Words, mode: PageMode, notice: PageNotice = '') {
    this.#model = model;
    this.#words = words;
    this.#mode = mode;
    this.#notice = notice;
    const { state, stage, failure } = model.check;
    this.#check = { state, stage, failure };
    this.#problems = model.problems;
    const { networks } = model;
    const ssid = model.value('ssid');
    const chosen = networks.findIndex((network) => isSame(network.ssid, ssid));
    // A name that cannot be typed must be on the list, or it would be lost with the next form.
    const isListed = chosen >= 0 || isTypable(ssid);
    this.#networks = isListed ? networks : [{ ssid, rssi: 0, secure: true }, ...networks];
    this.#chosen = isListed ? chosen : 0;
  }

  subject(name: string): void {
    this.#field = name;
    this.#problem = this.#problems.find((problem) => problem.field === name);
  }

  select(section: string, index: number): void {
    if (section === 'problem') {
      this.#problem = this.#problems[index];
      this.#field = this.#problem.field;
    } else if (section === 'network' || section === 'stage' || section === 'info') {
      this.#index = index;
    }
  }

  value(name: string): Uint8Array {
    if (name === 'network') return this.#networks[this.#index].ssid;
    if (name === 'ssid') return this.#model.value(name);
    if (name === 'value') return this.#model.value(this.#field);
    return utf8Bytes(this.#text(name));
  }

  #text(name: string): string {
    const { information, title, token } = this.#model;
    switch (name) {
      case 'title':
        return title;
      case 'token':
        return token;
      case 'field':
        return this.#field;
      case 'code':
        return `${this.#problem?.code}`;
      case 'min':
        return `${this.#problem?.min}`;
      case 'max':
        return `${this.#problem?.max}`;
      case 'notice':
        return this.#notice;
      case 'failure':
        return this.#check.failure;
      case 'stage':
        return CHECK_STAGES[this.#index];
      case 'mark':
        return this.#mark();
      case 'info':
        return information[this.#index][0];
      case 'fact':
        return information[this.#index][1];
      case 'usual':
        return USUAL_PORTS[textOf(this.#model.value('encryption'))] ?? USUAL_PORTS.none;
      case 'level': {
        const { rssi } = this.#networks[this.#index];
        return `${1 + LEVELS.filter((least) => rssi >= least).length}`;
      }
      default:
        return hexOf(this.#networks[this.#index].ssid);
    }
  }

  /** Of a stage: passed, under way, failed, or still to come. */
  #mark(): string {
    const order = this.#index - CHECK_STAGES.indexOf(this.#check.stage);
    if (order !== 0) return order < 0 ? 'done' : '';
    return this.#mode === 'running' ? 'now' : 'bad';
  }

  count(section: string): number {
    switch (section) {
      case 'problem':
        return this.#problems.length;
      case 'network':
        return this.#networks.length;
      case 'stage':
        return CHECK_STAGES.length;
      case 'info':
        return this.#model.information.length;
      default:
        return Number(this.#holds(section.split(' ')));
    }
  }

  #holds([condition, ...of]: string[]): boolean {
    const isWrong = this.#problem !== undefined;
    switch (condition) {
      case 'mode':
        return this.#mode === of[0];
      case 'notice':
        return of.length > 0 ? this.#notice === of[0] : this.#notice !== '';
      case 'failed':
        return this.#check.state === 'failed' && !this.#holds(['wrongs']);
      case 'wrongs':
        return this.#problems.length > 0;
      case 'result':
        return this.#notice !== '' || this.#holds(['wrongs']) || this.#holds(['failed']);
      case 'in':
        return this.#problems.some(({ field }) => of.includes(field));
      case 'is':
        return textOf(this.#model.value(of[0])) === of[1];
      case 'hint':
        return this.#words.find(`hint ${this.#field}`);
      case 'wrong':
        return isWrong;
      case 'noted':
        return isWrong || this.#words.find(`hint ${this.#field}`);
      case 'kept':
        return this.#model.hasSecret(this.#field);
      case 'stopped':
        return this.#mark() === 'bad';
      case 'other':
        return this.#chosen < 0;
      default:
        return this.#ofNetwork(condition);
    }
  }

  #ofNetwork(condition: string): boolean {
    const { secure, rssi } = this.#networks[this.#index];
    if (condition === 'secure') return secure;
    if (condition === 'heard') return rssi < 0;
    return this.#index === this.#chosen;
  }
}

function textOf(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether a text field gives the same bytes back. */
function isTypable(ssid: Uint8Array): boolean {
  return isValidUtf8(ssid, 0, ssid.length) && ssid.every((byte) => byte > 0x1f && byte !== 0x7f);
}

function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte >> 4] + HEX[byte & 15];
  return hex;
}
