/**
 * Subscriptions that a device wants for as long as it works: asked for with the first connection of a
 * boot, and again where the broker has lost the session, has refused them, or has not answered.
 */

import type { KindTrial } from '../link/kind-trial.ts';
import type { Subscription } from '../mqtt/codec/encode.ts';
import type { Packet } from '../mqtt/codec/packet.ts';
import type { Session } from '../mqtt/session/session.ts';

export class StandingRequest {
  private readonly subscriptions: readonly Subscription[];
  /** An index into `KIND_NAMES`. */
  private readonly kind: number;
  private readonly kinds: KindTrial;
  /** The session that the broker keeps has the subscriptions: it has said so in this boot. */
  private isSubscribed = false;
  /** There was no room for it yet. */
  isAsking = false;
  /** Of the request that is to be answered; 0 for none. */
  private packetId = 0;

  constructor(subscriptions: readonly Subscription[], kind: number, kinds: KindTrial) {
    this.subscriptions = subscriptions;
    this.kind = kind;
    this.kinds = kinds;
  }

  /** A connection is up. @param isKnown its session is the one of the connection before */
  connected(session: Session, isKnown: boolean, now: number): void {
    if (!isKnown) this.isSubscribed = false;
    this.isAsking = !this.isSubscribed;
    this.ask(session, now);
  }

  /** Subscribes, where there was no room for it yet. */
  ask(session: Session, now: number): void {
    if (!this.isAsking || !this.kinds.allows(this.kind)) return;
    try {
      this.packetId = session.subscribe(this.subscriptions, now);
      this.isAsking = this.packetId === 0;
      if (!this.isAsking) this.kinds.sent(this.kind, true, now);
    } catch {
      // This broker knows no wildcards, or no packets so large: it gets readings all the same.
      this.isAsking = false;
    }
  }

  /** The broker has answered a request: what it refused is asked for again with the next connection. */
  answered({ packetId, bytes, payloadStart, payloadEnd }: Packet): void {
    if (packetId !== this.packetId) return;
    this.kinds.proven(this.kind);
    this.isSubscribed = true;
    for (let i = payloadStart; i < payloadEnd; i++) if (bytes[i] >= 0x80) this.isSubscribed = false;
  }
}
