/** The settings as the device tells them on `<base>/reported`, retained: at each boot, and after each wish. */

import { type Deadlines, Timer } from '../base/deadlines.ts';
import { utf8Length, writeUtf8 } from '../base/utf8.ts';
import { MessageKind } from '../link/kind-trial.ts';
import { DocumentSource, type RetainedDocument } from '../link/sources/document.ts';
import type { MessageSource } from '../mqtt/message-source.ts';
import type { Clock } from '../ports.ts';
import type { DiscoveryTrial } from './discovery.ts';
import type { RemoteDoor } from './ports.ts';

/** What becomes of a wish is told in so many bytes at most, beside the settings. */
const RECORD_BYTES_MAX = 1024;
/** A packet's header, its topic's length and its identifier. */
const FRAME_BYTES_MAX = 16;

export class SettingsReport implements RetainedDocument {
  /** What the transmit buffer must hold. */
  readonly bytesMax: number;
  readonly topic: Uint8Array;
  private readonly remote: RemoteDoor;
  private readonly kinds: DiscoveryTrial;
  private readonly clock: Clock;
  private readonly source: DocumentSource;
  private text = '';
  /** Nothing was said in this boot. */
  private isNew = true;
  private isDue = false;
  /** The broker has what was to be told. */
  isTold = true;

  constructor(
    topic: Uint8Array,
    remote: RemoteDoor,
    kinds: DiscoveryTrial,
    clock: Clock,
    deadlines: Deadlines,
  ) {
    this.topic = topic;
    this.remote = remote;
    this.kinds = kinds;
    this.clock = clock;
    this.source = new DocumentSource(this, deadlines, Timer.settings);
    const bytes = utf8Length(remote.report());
    this.bytesMax = FRAME_BYTES_MAX + topic.length + bytes + RECORD_BYTES_MAX;
  }

  /** For the session. */
  get messages(): MessageSource {
    return this.source;
  }

  /** Has it told anew, where there is anything to tell. */
  send(now: number): void {
    if (this.remote.report() === '') return;
    this.isDue = true;
    this.isTold = false;
    this.source.send(now);
  }

  /** @param isKnown a broker that has lost the session may have lost what it retained, too */
  connected(isKnown: boolean, now: number): void {
    if (!this.isNew && isKnown) return;
    this.isNew = false;
    this.send(now);
  }

  write(into: Uint8Array, at: number): number {
    return writeUtf8(into, at, this.text);
  }

  mayGo(): boolean {
    return this.kinds.allows(MessageKind.settings);
  }

  renew(): void {
    this.text = this.remote.report();
    this.isDue = false;
  }

  published(): void {
    this.kinds.sent(MessageKind.settings, true, this.clock.now());
  }

  settled(): void {
    this.kinds.proven(MessageKind.settings);
    this.isTold = !this.isDue;
    if (this.isTold) this.text = '';
  }
}
