/** How a device proves to the broker who it is. */

import { NO_BYTES } from '../base/bytes.ts';
import { PeerError } from '../base/errors.ts';
import { Reason } from '../mqtt/codec/constants.ts';
import type { Authenticator } from '../mqtt/session/options.ts';
import type { DeviceConfig } from './config.ts';

/** Makes an authenticator that proves a password by SCRAM-SHA-256. */
export type ScramMaker = (user: string, password: Uint8Array) => Authenticator;

/**
 * Begins no sign-in: a password that is to be proven is never sent, even where it cannot be proven.
 */
const WITHOUT: Authenticator = Object.freeze({
  method: 'SCRAM-SHA-256',
  start: refuse,
  challenge: refuse,
  finish: refuse,
});

/**
 * @param scram undefined where the firmware was built without it: then no sign-in is begun
 * @returns undefined where the password itself is sent
 */
export function authenticatorOf(
  { user, password, signIn }: DeviceConfig,
  scram: ScramMaker | undefined,
): Authenticator | undefined {
  if (signIn !== 'scram') return undefined;
  return scram === undefined ? WITHOUT : scram(user, password ?? NO_BYTES);
}

function refuse(): never {
  const words = 'this firmware was built without SCRAM-SHA-256';
  throw new PeerError(Reason.badAuthenticationMethod, words);
}
