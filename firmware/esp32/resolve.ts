/** Looks names up; the platform's resolver answers from the event loop, addresses included. */

// biome-ignore lint/style/useNodejsImportProtocol: a module of Moddable, not of Node
import Net from 'net';
import Timer from 'timer';
import type { Cancel } from '../ports.ts';

/** @param done gets the address, or nothing; not called any more once it is cancelled */
export function resolveName(host: string, done: (address: string) => void): Cancel {
  let isWanted = true;
  const answer = (address: string): void => {
    if (isWanted) done(address);
  };
  try {
    Net.resolve(host, (_host, address) => answer(address ?? ''));
  } catch {
    Timer.set(() => answer(''));
  }
  return {
    cancel: () => {
      isWanted = false;
    },
  };
}
