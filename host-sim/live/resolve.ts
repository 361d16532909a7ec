/** Looks names up with the host's resolver. Of a name with addresses of both kinds, IPv4 comes first, as on the board. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Cancel } from '../../firmware/ports.ts';

/**
 * @param done gets the address, or nothing
 * @param failed told Node's code where there is none
 */
export function resolveHost(
  host: string,
  done: (address: string) => void,
  failed: (code: string) => void = () => {},
): Cancel {
  let wanted = true;
  const answer = (address: string): void => {
    if (wanted) done(address);
    wanted = false;
  };
  if (isIP(host) !== 0) {
    setImmediate(answer, host);
  } else {
    lookup(host, { verbatim: false }, (error, address) => {
      if (error !== null && wanted) failed(error.code ?? 'unknown');
      answer(error === null ? address : '');
    });
  }
  return {
    cancel: () => {
      wanted = false;
    },
  };
}
