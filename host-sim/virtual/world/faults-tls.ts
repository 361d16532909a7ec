/** Faults of what the broker shows for itself; they do nothing in a world without TLS. */

import type { IdentityKind } from '../tls-identities.ts';
import type { FaultKind } from './fault-kind.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

const BAD: readonly IdentityKind[] = Object.freeze([
  'expired',
  'foreign',
  'wrong name',
  'common name',
  'for clients',
  'over-long',
  'hostile',
  'another key',
]);

export const TLS_FAULTS: readonly FaultKind[] = Object.freeze([
  {
    name: 'tls-identity',
    about: 'the broker shows a certificate that is expired, foreign, hostile or for something else',
    scope: 'broker',
    perDay: 3,
    lastsMs: [MINUTE, HOUR],
    begin({ tls, boards, random }) {
      if (tls === undefined) return undefined;
      tls.shows = random.pick(BAD);
      if (random.chance(0.7)) for (const board of boards) board.network.resetAll();
      return () => {
        tls.shows = 'good';
      };
    },
  },
  {
    name: 'tls-large',
    about: 'the broker shows a certificate of 7 KB, which is good',
    scope: 'broker',
    perDay: 2,
    lastsMs: [MINUTE, HOUR],
    begin({ tls, boards }) {
      if (tls === undefined) return undefined;
      tls.shows = 'large';
      for (const board of boards) board.network.resetAll();
      return () => {
        tls.shows = 'good';
      };
    },
  },
]);
