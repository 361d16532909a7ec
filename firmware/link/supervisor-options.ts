/** The options of a supervisor, their defaults, and their check at set-up. */
import type { Random } from '../ports.ts';
import type { BackoffOptions } from './backoff.ts';
import type { RedirectPolicy } from './destination.ts';
import type { ProtocolVersion, VersionPolicy } from './version-choice.ts';

/** Whole milliseconds and counts. */
export interface SupervisorLimits {
  /** Joining Wi-Fi, with the address; default 30,000. */
  readonly joinMs: number;
  /** The name lookup; default 10,000. */
  readonly resolveMs: number;
  /** Waiting for the time, where it is needed; default 20,000. */
  readonly timeMs: number;
  /** TCP, TLS and WebSocket together; default 15,000. */
  readonly connectMs: number;
  /** From CONNECT to CONNACK, with all of AUTH; default 10,000. */
  readonly handshakeMs: number;
  /** DISCONNECT and close; default 3,000. */
  readonly goodbyeMs: number;
  /** A close this soon after CONNACK looks like a take-over; default 5,000. */
  readonly takeoverWindowMs: number;
  /** After this many attempts in a row that nothing answered, Wi-Fi is joined anew; default 5. */
  readonly rejoinAfter: number;
  /** Redirects followed in a row, 0 to follow none; default 3. */
  readonly redirectsMax: number;
}

export interface SupervisorOptions extends Partial<SupervisorLimits> {
  /** The configured broker. */
  readonly host: string;
  /** 1 to 65535; also what a redirect without a port means. */
  readonly port: number;
  readonly random: Random;
  /** Whether certificates can be judged by now, where some are to be; default: always. */
  readonly hasTime?: () => boolean;
  /** Default `auto`. */
  readonly versions?: VersionPolicy;
  /** `preferredVersion` as it was kept for this broker; default 0, nothing known. */
  readonly rememberedVersion?: ProtocolVersion | 0;
  /** `willLevel` as it was kept for this broker; default 0, the whole will. */
  readonly rememberedWill?: number;
  /** Which redirects are followed; default `none`. */
  readonly redirects?: RedirectPolicy;
  /** For the broker. */
  readonly backoff?: Partial<BackoffOptions>;
  /** For Wi-Fi; its cap is 60,000 by default. */
  readonly wifiBackoff?: Partial<BackoffOptions>;
}

const TIME_MS_MAX = 600_000;
const COUNT_MAX = 1_000;

/** The limits with their defaults. @throws RangeError naming the option that is out of range. */
export function limitsFrom(options: SupervisorOptions): SupervisorLimits {
  check('port', options.port, 1, 65_535);
  return Object.freeze({
    joinMs: check('joinMs', options.joinMs ?? 30_000, 1, TIME_MS_MAX),
    resolveMs: check('resolveMs', options.resolveMs ?? 10_000, 1, TIME_MS_MAX),
    timeMs: check('timeMs', options.timeMs ?? 20_000, 1, TIME_MS_MAX),
    connectMs: check('connectMs', options.connectMs ?? 15_000, 1, TIME_MS_MAX),
    handshakeMs: check('handshakeMs', options.handshakeMs ?? 10_000, 1, TIME_MS_MAX),
    goodbyeMs: check('goodbyeMs', options.goodbyeMs ?? 3_000, 1, TIME_MS_MAX),
    takeoverWindowMs: check('takeoverWindowMs', options.takeoverWindowMs ?? 5_000, 0, TIME_MS_MAX),
    rejoinAfter: check('rejoinAfter', options.rejoinAfter ?? 5, 1, COUNT_MAX),
    redirectsMax: check('redirectsMax', options.redirectsMax ?? 3, 0, 16),
  });
}

function check(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} is a whole number from ${least} to ${most}`);
  }
  return value;
}
