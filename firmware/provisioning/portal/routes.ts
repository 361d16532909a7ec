/**
 * The routes of the set-up portal: which request gets which page, and what may change something.
 * Sans-IO: requests are whole when they come here, time is an argument.
 *
 * It refuses to change anything but by a POST from the page of this very boot: the Host and, where
 * the browser sends it, the Origin must be the portal's, and the form must carry the token.
 *
 * What phones ask for to find out whether a network leads to the Internet is a table, `probes.txt`:
 * for each path the status during set-up, then status, content type and body for afterwards, with a
 * space between. 302 leads to the portal; 200 is a page that goes there by itself. During set-up
 * the answers say "no Internet", so that phones show the portal; once it is over they get what
 * the Internet would answer, and let go. A GET for any other host is led to the portal, too.
 */

import { asciiBytes } from '../../base/ascii.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import type { BodySource, HttpRequest, RequestHandler, ResponseHead } from '../http/request.ts';
import { BytesBody } from '../http/response.ts';
import { CHECK_STAGES, type FormFields, type PortalModel } from '../model.ts';
import { chooseLanguage, type Language } from '../page/language.ts';
import { type PageMode, type PageNotice, PageView } from '../page/page.ts';
import { PageBody, Table } from '../page/template.ts';

/** How many checks may start in a row, and how long it takes until one more may. */
const CHECKS_MAX = 4;
const CHECK_EVERY_MS = 5000;
const SSID_BYTES_MAX = 32;

/** The page's resources. */
export interface PageResources {
  /** `page.html`. */
  readonly page: Uint8Array;
  /** `probes.txt`. */
  readonly probes: Uint8Array;
  /** The table of words of each language. */
  readonly words: Readonly<Record<Language, Uint8Array>>;
}

export class Routes implements RequestHandler {
  private readonly model: PortalModel;
  private readonly page: Uint8Array;
  private readonly words: Readonly<Record<Language, Table>>;
  private readonly hosts: readonly string[];
  private readonly probes: Table;
  private isDone = false;
  /** When the full number of checks may start in a row again. */
  private restedAt = 0;

  /**
   * @param hosts what the portal's Host may be, in lower case, with the port unless it is 80; the
   *   first is where others are led. Read with each request.
   */
  constructor(model: PortalModel, resources: PageResources, hosts: readonly string[]) {
    this.model = model;
    this.page = resources.page;
    const { en, de, zh } = resources.words;
    this.words = { en: new Table(en), de: new Table(de), zh: new Table(zh) };
    this.hosts = hosts;
    this.probes = new Table(resources.probes);
  }

  handle(request: HttpRequest, response: ResponseHead, now: number): BodySource {
    const { method, path, host } = request;
    if (method === 'POST') return this.change(request, response, now);
    if (this.probes.find(path)) return this.answerProbe(response);
    // HTTP/1.0 may name no host.
    if (host !== '' && !this.hosts.includes(host)) return this.lead(response);
    if (path === '/') return this.show(request, response, '');
    if (path === '/state') return this.showState(response);
    if (path === '/done' && this.model.check.state === 'saved') {
      if (method === 'GET') this.end();
      return this.show(request, response, '');
    }
    // Also where a browser reloads the answer to a form.
    return redirect(response, 303, '/');
  }

  private end(): void {
    this.isDone = true;
    this.model.done();
  }

  private get mode(): PageMode {
    const { state } = this.model.check;
    if (state === 'saved') return this.isDone ? 'done' : state;
    return state === 'running' ? state : 'form';
  }

  private show(
    { acceptLanguage }: HttpRequest,
    response: ResponseHead,
    notice: PageNotice,
    mode = this.mode,
  ): BodySource {
    const { page } = this;
    const language = chooseLanguage(acceptLanguage);
    const words = this.words[language];
    response.language = language;
    // The first line is a comment that holds the policy: <!-- policy -->
    response.contentSecurityPolicy = decodeUtf8(page, 5, page.indexOf(0x0a) - 4);
    return new PageBody(page, words, new PageView(this.model, words, mode, notice));
  }

  /** For the page's script. */
  private showState(response: ResponseHead): BodySource {
    const { state, stage } = this.model.check;
    response.contentType = 'application/json';
    return body(`{"state":"${state}","stage":${CHECK_STAGES.indexOf(stage)}}`);
  }

  private answerProbe(response: ResponseHead): BodySource {
    const { bytes, start, end } = this.probes;
    const parts = decodeUtf8(bytes, start, end).split(' ');
    if (parts.length > 1 && this.mode === 'done') {
      response.status = Number(parts[1]);
      response.contentType = parts[2] ?? '';
      return body(parts.slice(3).join(' ').replace('\\n', '\n'));
    }
    if (parts[0] === '404') return short(response, 404);
    if (parts[0] === '302') return this.lead(response);
    return body(`<meta http-equiv="refresh" content="0;url=http://${this.hosts[0]}/">`);
  }

  private lead(response: ResponseHead): BodySource {
    return redirect(response, 302, `http://${this.hosts[0]}/`);
  }

  private change(request: HttpRequest, response: ResponseHead, now: number): BodySource {
    const { host, origin, path, form } = request;
    const isOwn = this.hosts.includes(host) && (origin === '' || origin === `http://${host}`);
    if (!isOwn) return short(response, 403);
    if (!isEqual(form.get('token'), this.model.token)) {
      response.status = 403;
      return this.show(request, response, 'stale');
    }
    if (path === '/reset') {
      if (!isEqual(form.get('confirm'), 'RESET')) return this.show(request, response, 'confirm');
      this.model.reset();
      return this.show(request, response, '', 'reset');
    }
    const isUnchecked = path === '/anyway';
    if (!isUnchecked && path !== '/save') return short(response, 404);
    if (this.restedAt - now > (CHECKS_MAX - 1) * CHECK_EVERY_MS) {
      response.status = 429;
      response.retryAfterS = CHECK_EVERY_MS / 1000;
      return this.show(request, response, 'slow');
    }
    if (this.model.submit(withNetwork(form), isUnchecked) === 'started') {
      this.isDone = false;
      this.restedAt = Math.max(this.restedAt, now) + CHECK_EVERY_MS;
    }
    return redirect(response, 303, '/');
  }
}

const body = (text: string): BodySource => new BytesBody(asciiBytes(text));

const short = (response: ResponseHead, status: number): BodySource => {
  response.status = status;
  response.contentType = 'text/plain';
  return body(`Error ${status}\n`);
};

/** With a body, since some systems take a redirect without one for a broken network. */
const redirect = (response: ResponseHead, status: number, location: string): BodySource => {
  response.status = status;
  response.location = location;
  return body(`<a href="${location}">Mote</a>`);
};

/** In a time that depends on the lengths alone. */
const isEqual = (given: Uint8Array | undefined, expected: string): boolean => {
  if (given?.length !== expected.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) difference |= given[i] ^ expected.charCodeAt(i);
  return difference === 0;
};

/** With the network's name in `ssid`, whether it was typed or picked; a list gives it in hex. */
const withNetwork = (form: FormFields): FormFields => {
  const hex = form.get('ssidHex');
  if (hex === undefined || hex.length === 0) return form;
  // A byte too many is enough for the name to be refused.
  const ssid = new Uint8Array(Math.min(hex.length >> 1, SSID_BYTES_MAX + 1));
  for (let i = 0; i < ssid.length; i += 1) {
    ssid[i] = Number(`0x${decodeUtf8(hex, 2 * i, 2 * i + 2)}`);
  }
  return new Map(form).set('ssid', ssid);
};
