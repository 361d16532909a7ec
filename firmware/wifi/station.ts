/**
 * One station's way into its network, as a machine: which access point to ask for, and what the
 * radio's messages mean. Sans-IO: the port tells what happened, and does what `take` says.
 *
 * A station that knows its access point asks for that one first, on its channel: that saves the scan
 * of all channels. When it does not answer, every access point of the name may.
 */

/** Without an address this long after the association, the router gives none. */
const ADDRESS_MS = 15_000;
const NEVER = Number.POSITIVE_INFINITY;

export type StationFailure = 'password refused' | 'not found' | 'no address' | 'lost';
/** What the port is to do now. */
export type StationStep = 'connect' | 'joined' | StationFailure | undefined;

/** An access point that was joined before. */
export interface KnownAccessPoint {
  readonly bssid: Uint8Array;
  readonly channel: number;
}

export class Station {
  /** The access point to ask for; undefined: the strongest one of the name. */
  wanted: KnownAccessPoint | undefined;
  isJoined = false;
  private known: KnownAccessPoint | undefined;
  private isActive = false;
  private isUnaskable = false;
  private dueAt = NEVER;

  /** @param known of an earlier time, if it is remembered */
  constructor(known?: KnownAccessPoint) {
    this.known = known;
  }

  /** Starts over. */
  join(): StationStep {
    this.leave();
    this.isActive = true;
    this.isUnaskable = false;
    this.wanted = this.known;
    return 'connect';
  }

  leave(): void {
    this.isActive = false;
    this.isJoined = false;
    this.dueAt = NEVER;
  }

  /** The radio cannot even ask for this network. @returns when to `wake` */
  refuse(now: number): number {
    this.isUnaskable = true;
    this.dueAt = now;
    return now;
  }

  /** The radio is associated. */
  associated(now: number): void {
    if (this.isActive) this.dueAt = now + ADDRESS_MS;
  }

  /** The router gave an address. @param at the access point, to ask for it next time */
  addressed(at: KnownAccessPoint | undefined): StationStep {
    if (!this.isActive || this.isJoined) return undefined;
    this.dueAt = NEVER;
    this.isJoined = true;
    this.known = at;
    return 'joined';
  }

  /** The radio is not associated, or no more. @param isRefused the password was not accepted */
  dissociated(isRefused: boolean): StationStep {
    if (!this.isActive) return undefined;
    if (this.isJoined) return this.fail('lost');
    if (isRefused) return this.fail('password refused');
    if (this.wanted === undefined) return this.fail('not found');
    this.known = undefined;
    return this.join();
  }

  /** When `wake` is next due. */
  deadline(): number {
    return this.dueAt;
  }

  wake(now: number): StationStep {
    if (now < this.dueAt) return undefined;
    return this.fail(this.isUnaskable ? 'not found' : 'no address');
  }

  private fail(reason: StationFailure): StationStep {
    this.leave();
    return reason;
  }
}
