/** Looks names up; the platform's resolver answers from the event loop, addresses included. */

import Net from 'net';
import Timer from 'timer';

/** @param done gets the address, or nothing */
export function resolveName(host: string, done: (address: string) => void): void {
  try {
    Net.resolve(host, (_host, address) => done(address ?? ''));
  } catch {
    Timer.set(() => done(''));
  }
}
