/**
 * The routes of the set-up portal: which request gets which page, and what may change something.
 * Sans-IO: requests are whole when they come here, time is an argument.
 *
 * It refuses to change anything but by a POST from the page of this very boot: the Host and, where
 * the browser sends it, the Origin must be the portal's, and the form must carry the token. A
 * request for any other host is taken for a probe of the phone's system and led to the portal.
 */

import { asciiBytes, decodeUtf8 } from '../base/text.ts';
import type { BodySource, HttpRequest, RequestHandler, ResponseHead } from './http-request.ts';
import { BytesBody } from './http-response.ts';
import { chooseLanguage, type Language } from './language.ts';
import { CHECK_STAGES, type FormFields, type PortalModel } from './model.ts';
import { type PageMode, type PageNotice, PageView } from './page.ts';
import { type Probe, probeOf } from './probes.ts';
import { PageBody, Words } from './template.ts';

/** How many checks may start in a row, and how long it takes until one more may. */
const CHECKS_MAX = 4;
const CHECK_EVERY_MS = 5000;

/** The page's resources. */
export interface PageResources {
  /** `page.html`. */
  readonly page: Uint8Array;
  /** A table of words for each language. */
  readonly words: Readonly<Record<Language, Uint8Array>>;
}

export class Routes implements RequestHandler {
  readonly #model: PortalModel;
  readonly #resources: PageResources;
  readonly #hosts: readonly string[];
  readonly #policy: string;
  #isDone = false;
  /** When as many checks may start in a row again as may at most. */
  #restedAt = 0;

  /**
   * @param hosts what the portal's Host may be, in lower case, with the port unless it is 80; the
   *   first is where others are led. Read with each request.
   */
  constructor(model: PortalModel, resources: PageResources, hosts: readonly string[]) {
    this.#model = model;
    this.#resources = resources;
    this.#hosts = hosts;
    const { page } = resources;
    // The first line is a comment that holds the policy: <!-- policy -->
    this.#policy = decodeUtf8(page, 5, page.indexOf(0x0a) - 4);
  }

  handle(request: HttpRequest, response: ResponseHead, now: number): BodySource {
    const { method, path, host } = request;
    if (method === 'POST') return this.#change(request, response, now);
    const probe = probeOf(path);
    if (probe !== undefined) return this.#probed(probe, response);
    // HTTP/1.0 may name no host.
    if (host !== '' && !this.#hosts.includes(host)) return this.#lead(response);
    switch (path) {
      case '/':
        return this.#show(request, response, this.#mode());
      case '/state':
        return this.#state(response);
      case '/done':
        return this.#done(request, response);
      case '/save':
      case '/anyway':
      case '/reset':
        // What a browser asks for when somebody reloads the answer to a form.
        return redirect(response, 303, '/');
      default:
        return short(response, 404, 'Not found');
    }
  }

  #mode(): PageMode {
    const { state } = this.#model.check;
    if (state === 'saved') return this.#isDone ? 'done' : 'saved';
    return state === 'running' ? 'running' : 'form';
  }

  #show(
    request: HttpRequest,
    response: ResponseHead,
    mode: PageMode,
    notice: PageNotice = '',
  ): BodySource {
    const language = chooseLanguage(request.acceptLanguage);
    const words = new Words(this.#resources.words[language]);
    response.language = language;
    response.contentSecurityPolicy = this.#policy;
    return new PageBody(
      this.#resources.page,
      words,
      new PageView(this.#model, words, mode, notice),
    );
  }

  /** For the page's script. */
  #state(response: ResponseHead): BodySource {
    const { state, stage } = this.#model.check;
    response.contentType = 'application/json';
    return body(`{"state":"${state}","stage":${CHECK_STAGES.indexOf(stage)}}`);
  }

  #done(request: HttpRequest, response: ResponseHead): BodySource {
    if (this.#model.check.state !== 'saved') return redirect(response, 302, '/');
    if (request.method === 'GET') {
      this.#isDone = true;
      this.#model.done();
    }
    return this.#show(request, response, 'done');
  }

  #probed({ setUp, status, contentType, body: online }: Probe, response: ResponseHead): BodySource {
    if (setUp === 'not found') return short(response, 404, 'Not found');
    if (status > 0 && this.#mode() === 'done') {
      response.status = status;
      response.contentType = contentType;
      return body(online);
    }
    if (setUp === 'redirect') return this.#lead(response);
    return body(`<meta http-equiv="refresh" content="0;url=http://${this.#hosts[0]}/">`);
  }

  #lead(response: ResponseHead): BodySource {
    return redirect(response, 302, `http://${this.#hosts[0]}/`);
  }

  #change(request: HttpRequest, response: ResponseHead, now: number): BodySource {
    const { host, origin, path, form } = request;
    const isOwn = this.#hosts.includes(host) && (origin === '' || origin === `http://${host}`);
    if (!isOwn) return short(response, 403, 'Not from here');
    if (!isEqual(form.get('token'), this.#model.token)) {
      response.status = 403;
      return this.#show(request, response, this.#mode(), 'stale');
    }
    if (path === '/reset') {
      if (!isEqual(form.get('confirm'), 'RESET')) {
        return this.#show(request, response, this.#mode(), 'confirm');
      }
      this.#model.reset();
      return this.#show(request, response, 'reset');
    }
    const isUnchecked = path === '/anyway';
    if (!isUnchecked && path !== '/save') return short(response, 404, 'Not found');
    if (this.#restedAt - now > (CHECKS_MAX - 1) * CHECK_EVERY_MS) {
      response.status = 429;
      response.retryAfterS = CHECK_EVERY_MS / 1000;
      return this.#show(request, response, this.#mode(), 'slow');
    }
    if (this.#model.submit(withNetwork(form), isUnchecked) === 'started') {
      this.#isDone = false;
      this.#restedAt = Math.max(this.#restedAt, now) + CHECK_EVERY_MS;
    }
    return redirect(response, 303, '/');
  }
}

function body(text: string): BodySource {
  return new BytesBody(asciiBytes(text));
}

function short(response: ResponseHead, status: number, text: string): BodySource {
  response.status = status;
  response.contentType = 'text/plain';
  return body(text);
}

/** With a body, since some systems take a redirect without one for a broken network. */
function redirect(response: ResponseHead, status: number, location: string): BodySource {
  response.status = status;
  response.location = location;
  return body(`<a href="${location}">Mote</a>`);
}

/** In a time that depends on the lengths alone. */
function isEqual(given: Uint8Array | undefined, expected: string): boolean {
  if (given?.length !== expected.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) difference |= given[i] ^ expected.charCodeAt(i);
  return difference === 0;
}

/** With the network's name in `ssid`, whether it was typed or picked; a list gives it in hex. */
function withNetwork(form: FormFields): FormFields {
  const hex = form.get('ssidHex');
  if (hex === undefined || hex.length === 0) return form;
  const ssid = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < ssid.length; i += 1) {
    ssid[i] = Number(`0x${String.fromCharCode(hex[2 * i], hex[2 * i + 1])}`);
  }
  return new Map(form).set('ssid', ssid);
}
