/** Faults of a board's radio, its network and the link to its broker. */

import type { FaultKind, Site } from './fault-kind.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

function loseWiFi({ board }: Site): void {
  board.wifi.lose();
}

export const LINK_FAULTS: readonly FaultKind[] = Object.freeze([
  {
    name: 'wifi-lost',
    about: 'out of reach of the access point for seconds to an hour',
    scope: 'board',
    perDay: 4,
    lastsMs: [5 * SECOND, HOUR],
    begin(site) {
      site.board.home.change({ inRange: false });
      loseWiFi(site);
      return () => site.board.home.change({ inRange: true });
    },
  },
  {
    name: 'wifi-password',
    about: 'the router is changed, and its password is another one for a while',
    scope: 'board',
    perDay: 0.7,
    lastsMs: [5 * MINUTE, 2 * HOUR],
    begin(site) {
      site.board.home.change({ passwordIsRight: false });
      loseWiFi(site);
      return () => site.board.home.change({ passwordIsRight: true });
    },
  },
  {
    name: 'dhcp-late',
    about: 'addresses come late or not at all',
    scope: 'board',
    perDay: 2,
    lastsMs: [MINUTE, 20 * MINUTE],
    begin(site) {
      site.board.home.change({ addressMsMin: 2000, addressMsMax: 40_000 });
      loseWiFi(site);
      return () => site.board.home.change({ addressMsMin: 200, addressMsMax: 1500 });
    },
  },
  {
    name: 'dns-dead',
    about: 'names are not answered, or there is no such name',
    scope: 'board',
    perDay: 2,
    lastsMs: [MINUTE, 20 * MINUTE],
    begin({ board, random }) {
      board.network.change({ dns: random.chance(0.5) ? 'dead' : 'fail' });
      if (random.chance(0.7)) board.network.resetAll();
      return () => board.network.change({ dns: 'answer' });
    },
  },
  {
    name: 'tcp-reset',
    about: 'both ends of the connection are reset',
    scope: 'board',
    perDay: 8,
    lastsMs: [0, 0],
    begin({ board }) {
      board.network.resetAll();
      return undefined;
    },
  },
  {
    name: 'half-open',
    about: 'bytes vanish in one direction, or in both, and nobody is told',
    scope: 'board',
    perDay: 4,
    lastsMs: [SECOND, 10 * MINUTE],
    begin({ board, random }) {
      const which = random.below(3);
      board.network.change({ losesUp: which !== 0, losesDown: which !== 1 });
      return () => board.network.change({ losesUp: false, losesDown: false });
    },
  },
  {
    name: 'no-answer',
    about: 'connection attempts are not answered, or refused',
    scope: 'board',
    perDay: 2,
    lastsMs: [MINUTE, 30 * MINUTE],
    begin({ board, random }) {
      const connect = random.pick(['silent', 'refused', 'unreachable', 'reset'] as const);
      board.network.change({ connect });
      if (random.chance(0.7)) board.network.resetAll();
      return () => board.network.change({ connect: 'accept' });
    },
  },
  {
    name: 'radio-gap',
    about: 'nothing passes for a while; afterwards everything arrives at once',
    scope: 'board',
    perDay: 6,
    lastsMs: [SECOND, 3 * MINUTE],
    begin({ board }) {
      board.network.change({ paused: true });
      return () => board.network.change({ paused: false });
    },
  },
  {
    name: 'slow-link',
    about: 'few bytes a second, long and uneven delays',
    scope: 'board',
    perDay: 3,
    lastsMs: [MINUTE, 30 * MINUTE],
    begin({ board, random }) {
      const { latencyMsMin, latencyMsMax, bytesPerSecond } = board.network.conditions;
      board.network.change({
        latencyMsMin: 50,
        latencyMsMax: random.between(200, 3000),
        bytesPerSecond: random.between(200, 5000),
      });
      return () => board.network.change({ latencyMsMin, latencyMsMax, bytesPerSecond });
    },
  },
  {
    name: 'fragments',
    about: 'segments of one to a few bytes, and buffers that are soon full',
    scope: 'board',
    perDay: 3,
    lastsMs: [MINUTE, 15 * MINUTE],
    begin({ board, random }) {
      const { fragmentBytesMin, fragmentBytesMax, sendBufferBytes } = board.network.conditions;
      board.network.change({
        fragmentBytesMin: 1,
        fragmentBytesMax: random.pick([1, 1, 3, 20]),
        sendBufferBytes: random.pick([16, 200, 5744]),
      });
      return () => board.network.change({ fragmentBytesMin, fragmentBytesMax, sendBufferBytes });
    },
  },
]);
