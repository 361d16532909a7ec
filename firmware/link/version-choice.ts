/**
 * Which MQTT version the next attempt speaks: 5.0 first, 3.1.1 where the broker wants that.
 *
 * Evidence against a version is a refusal in so many words, or a row of connections that the
 * broker closed without a CONNACK. Old brokers do the latter, but so does a load balancer whose
 * broker restarts: a version that this broker has accepted before needs a longer row.
 * Only a CONNACK is remembered; going back and forth between the two never is.
 */

/** The protocol level of CONNECT: 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type ProtocolVersion = 4 | 5;

/** `auto` prefers 5 and falls back; 4 and 5 are fixed. */
export type VersionPolicy = 'auto' | ProtocolVersion;

const CLOSES_MAX = 2;
/** Several minutes of attempts: longer than a broker takes to restart behind a load balancer. */
const CLOSES_MAX_PROVEN = 12;

export class VersionChoice {
  /** What the present or next attempt speaks. */
  current: ProtocolVersion;
  /** What this broker last accepted, 0 for nothing yet. The device keeps it per broker. */
  remembered: ProtocolVersion | 0;

  private readonly policy: VersionPolicy;
  private closes = 0;

  constructor(policy: VersionPolicy, remembered: ProtocolVersion | 0) {
    this.policy = policy;
    this.remembered = remembered;
    this.current = policy === 'auto' ? remembered || 5 : policy;
  }

  /** The broker refused the version in words. Returns whether the next attempt speaks the other. */
  refuse(): boolean {
    return this.turn();
  }

  /** The broker closed without a CONNACK. Returns whether the next attempt speaks the other. */
  closeUnanswered(): boolean {
    this.closes += 1;
    const proven = this.remembered === this.current;
    if (this.closes < (proven ? CLOSES_MAX_PROVEN : CLOSES_MAX)) return false;
    return this.turn();
  }

  /** The attempt ended in a way that says nothing about the version: the row is broken. */
  breakRow(): void {
    this.closes = 0;
  }

  /** The broker accepted the present version. */
  accept(): void {
    this.closes = 0;
    this.remembered = this.current;
  }

  private turn(): boolean {
    this.closes = 0;
    if (this.policy !== 'auto') return false;
    this.current = this.current === 5 ? 4 : 5;
    return true;
  }
}
