/** Looks names up; the platform's resolver answers from the event loop, addresses included. */

// biome-ignore lint/style/useNodejsImportProtocol: a module of Moddable, not of Node
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
