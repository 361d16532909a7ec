/**
 * The set-up portal: a network of the board's own, a page on it, and settings that are tried before
 * they are saved. It scans, opens the access point, serves, checks, and ends; `finished` says how.
 *
 * Whoever owns it sets one alarm: `wake` at `deadline()`, anew at each `idle`. Everything that ends
 * it does so in `wake`, never under a request that is being answered. No client can hold it: where
 * the board could work with what is saved, it closes when the page is idle, and after an hour.
 *
 * It allocates the HTTP server's buffers and the form that comes in (19 KB at most), keeps the form
 * that was sent last (12 KB at most), a list of 24 networks, 283 bytes for names, and during a check
 * a session's buffers.
 */

import { Deadlines } from '../../base/deadlines.ts';
import type { FieldProblem } from '../../config/fields.ts';
import type { FoundNetwork, KeyValue, Random } from '../../ports.ts';
import type { BodySource, HttpRequest, RequestHandler, ResponseHead } from '../http/request.ts';
import type {
  CheckFailure,
  CheckProgress,
  CheckStage,
  Finding,
  FormFields,
  PortalModel,
} from '../model.ts';
import type { Check, CheckObserver } from './doors.ts';
import { PortalForm } from './form.ts';
import {
  drawSecret,
  drawToken,
  networkName,
  networkPassword,
  PASSWORD_LENGTH,
  qrText,
} from './identity.ts';
import type { PortalEnd, PortalParts } from './parts.ts';
import type { AfterPortal, PortalState } from './portal-state.ts';
import { PortalRadio } from './radio.ts';
import { PortalServers } from './servers.ts';
import { SetUpTimer } from './timers.ts';

/** After success, and after its last page: the phone asks once more whether it is online. */
const SAVED_MS = 30_000;
const DONE_MS = 5_000;
const RESET_MS = 2_000;
const IDLE_MS = 600_000;
const OPEN_MS_MAX = 3_600_000;
const SECRET_KEY = 'ap-secret';
const NEVER = Number.POSITIVE_INFINITY;

/** The password of this board's set-up network, for its label; draws the secret if there is none. */
export function setUpPassword(values: KeyValue, random: Random, mac: Uint8Array): string {
  let secret = values.get(SECRET_KEY);
  if (secret?.length !== PASSWORD_LENGTH) {
    secret = drawSecret(random);
    try {
      values.set(SECRET_KEY, secret);
    } catch {
      // Where it cannot be kept, it holds for this time.
    }
  }
  return networkPassword(secret, mac);
}

export class Portal<S> implements PortalModel, RequestHandler, CheckObserver {
  state: PortalState = 'stopped';
  readonly title: string;
  readonly password: string;
  readonly token: string;

  private readonly parts: PortalParts<S>;
  private readonly form: PortalForm<S>;
  private readonly radio: PortalRadio;
  private readonly servers: PortalServers;
  private readonly pages: RequestHandler;
  private readonly deadlines = new Deadlines(SetUpTimer.close + 1);
  private openedAt = 0;
  private usedAt = 0;
  private closeAt = NEVER;
  private end: PortalEnd = 'idle';

  constructor(parts: PortalParts<S>) {
    const { clock, random, radio, saved, savedAfterMs } = parts;
    this.parts = parts;
    this.title = networkName(radio.mac);
    this.password = setUpPassword(parts.values, random, radio.mac);
    this.token = drawToken(random);
    const { deadlines } = this;
    this.form = new PortalForm(parts.settings, (settings) => this.begin(settings), deadlines);
    this.pages = parts.routes(this);
    const changed = () => this.changed();
    this.servers = new PortalServers(clock, parts.listener, parts.datagrams, this, changed);
    this.radio = new PortalRadio({
      clock,
      random,
      radio,
      saved,
      savedAfterMs,
      deadlines,
      title: this.title,
      password: this.password,
      scanned: () => this.scanned(),
      opened: () => this.serve(),
      rejoined: () => {
        if (this.closeAt === NEVER) this.close('wifi is back', 0);
        this.changed();
      },
      changed,
    });
  }

  /** The text of a QR code that joins a phone to the set-up network. */
  get qr(): string {
    return qrText(this.title, this.password);
  }

  get networks(): readonly FoundNetwork[] {
    return this.radio.networks;
  }

  /** Phones on the set-up network, as far as the radio says. */
  get phones(): number {
    return this.radio.phones;
  }

  get check(): CheckProgress {
    return this.form.check;
  }

  get problems(): readonly FieldProblem[] {
    return this.form.problems;
  }

  get information(): readonly (readonly [name: string, value: string])[] {
    return this.parts.information();
  }

  get findings(): readonly Finding[] | undefined {
    return this.parts.findings();
  }

  /** Scans, then opens the set-up network. */
  start(): void {
    if (this.state !== 'stopped') return;
    this.state = 'scanning' satisfies AfterPortal<typeof this.state>;
    this.radio.start();
    this.changed();
  }

  /** Closes everything without a word; it cannot be started again. */
  stop(): void {
    if (this.state === 'stopped') return;
    this.state = 'stopped' satisfies AfterPortal<typeof this.state>;
    this.form.clear();
    this.servers.close();
    this.radio.close();
    this.plan();
  }

  /** When `wake` is next due, in `Clock.now()` milliseconds; Infinity for never. */
  deadline(): number {
    return this.deadlines.next(this.parts.clock.now());
  }

  /** Does what has become due. */
  wake(): void {
    if (this.state === 'stopped') return;
    const now = this.parts.clock.now();
    this.servers.wake(now);
    this.form.wake(now);
    this.radio.wake(now);
    if (now >= this.closesAt()) {
      this.stop();
      this.parts.handler.finished(this.end);
    } else this.changed();
  }

  handle(request: HttpRequest, response: ResponseHead, now: number): BodySource {
    // A phone that nobody looks at asks for other pages, to see whether it is online; the page's
    // script asks for its state while somebody fills the form in.
    if (request.method === 'POST' || /^\/(?:state)?$/.test(request.path)) this.use(now);
    return this.pages.handle(request, response, now);
  }

  value(field: string): Uint8Array {
    return this.form.value(field);
  }

  hasSecret(field: string): boolean {
    return this.form.hasSecret(field);
  }

  submit(form: FormFields, unchecked: boolean): 'started' | 'invalid' | 'busy' {
    const result = this.form.submit(form, unchecked, this.parts.clock.now());
    this.settle();
    this.plan();
    return result;
  }

  reset(): void {
    if (this.form.erase()) this.close('reset', RESET_MS);
  }

  done(): void {
    if (this.end === 'saved') this.close('saved', DONE_MS);
  }

  stage(stage: CheckStage): void {
    this.form.check.stage = stage;
  }

  ended(failure: CheckFailure | undefined, stage: CheckStage): void {
    this.form.ended(failure, stage);
    this.use(this.parts.clock.now());
    this.settle();
    this.changed();
  }

  changed(): void {
    this.plan();
    this.parts.handler.idle();
  }

  /** Sets what is not set where it changes: each follows from several things. */
  private plan(): void {
    this.deadlines.set(SetUpTimer.check, this.form.checkDue);
    this.deadlines.set(SetUpTimer.servers, this.servers.deadline());
    this.deadlines.set(SetUpTimer.close, this.closesAt());
  }

  /** Opens the set-up network, on the channel of the one that is saved. */
  private scanned(): void {
    const { clock, settings } = this.parts;
    this.state = 'open' satisfies AfterPortal<'scanning'>;
    this.openedAt = clock.now();
    this.radio.open(settings.ssid(settings.current));
  }

  private serve(): void {
    if (this.state === 'open') this.servers.open();
  }

  /** Somebody is at the page. */
  private use(now: number): void {
    this.usedAt = now;
    this.radio.use(now);
  }

  /** Begins a check; there is one radio, so the set-up network goes to the channel to be joined. */
  private begin(settings: S): Check {
    this.use(this.parts.clock.now());
    const ssid = this.parts.settings.ssid(settings);
    // A network that moves takes its connections along: they are ended in order, and none begins.
    if (this.radio.wouldMove(ssid)) this.servers.close();
    try {
      this.radio.open(ssid);
    } catch (error) {
      // It stays where it is.
      this.serve();
      throw error;
    }
    const check = this.parts.check(settings, this);
    check.start();
    return check;
  }

  private settle(): void {
    if (this.check.state === 'saved' && this.end !== 'saved') this.close('saved', SAVED_MS);
  }

  private close(end: PortalEnd, afterMs: number): void {
    this.end = end;
    this.closeAt = Math.min(this.closeAt, this.parts.clock.now() + afterMs);
    this.plan();
  }

  private closesAt(): number {
    if (this.state === 'stopped') return NEVER;
    if (this.state !== 'open' || this.closeAt < NEVER) return this.closeAt;
    if (!this.parts.settings.exists || this.check.state === 'running') return NEVER;
    return Math.min(Math.max(this.usedAt, this.openedAt) + IDLE_MS, this.openedAt + OPEN_MS_MAX);
  }
}
