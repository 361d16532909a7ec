/** Faults of a board itself: its power, its flash, its sensor and its clock. */

import { RESET } from '../../esp32-tools/reset-codes.ts';
import type { Scheduled } from '../event-queue.ts';
import { WRONG_SAYINGS } from '../time-server.ts';
import type { FaultKind, Site } from './fault-kind.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A flash operation soon is torn at some byte, and the power is gone. */
function tear({ board, random }: Site, operationsMax: number): void {
  board.flash.cutAt(random.between(1, operationsMax), random.below(200));
}

function brownOut(site: Site): () => void {
  const { board, queue, random } = site;
  let next: Scheduled | undefined;
  let isOver = false;
  const dip = (): void => {
    board.cutPower();
    board.bootAfter(random.between(0, 3 * SECOND), RESET.brownOut);
    if (random.chance(0.5)) queue.after(400, () => tear(site, 3));
    next = queue.after(random.between(500, 8 * SECOND), dip);
  };
  dip();
  return () => {
    if (isOver) return;
    isOver = true;
    next?.cancel();
  };
}

/** Flips one bit, at most once per block between two of its erases: what a scrub would find. */
function rot({ board, random }: Site): void {
  const { flash, rotten } = board;
  const block = random.below(flash.blocks);
  const offset = block * flash.blockBytes + random.below(flash.blockBytes);
  const mask = 1 << random.below(8);
  const erases = flash.erasesOf[block];
  if (rotten.get(block) === erases) return;
  rotten.set(block, erases);
  flash.rot(offset, mask);
  board.log.isRotten = true;
}

export const BOARD_FAULTS: readonly FaultKind[] = Object.freeze([
  {
    name: 'power-cut',
    about: 'the power goes at any moment, for seconds to an hour',
    scope: 'board',
    perDay: 4,
    lastsMs: [SECOND, HOUR],
    begin({ board }) {
      board.cutPower();
      return () => board.bootAfter(0, RESET.powerOn);
    },
  },
  {
    name: 'power-cut-write',
    about: 'the power goes inside a flash operation, which is torn at some byte',
    scope: 'board',
    perDay: 6,
    lastsMs: [0, 0],
    begin(site) {
      tear(site, 12);
      return undefined;
    },
  },
  {
    name: 'brown-out',
    about: 'the power comes and goes every few seconds, for up to two minutes',
    scope: 'board',
    perDay: 1,
    lastsMs: [5 * SECOND, 2 * MINUTE],
    begin: brownOut,
  },
  {
    name: 'goodbye',
    about: 'the board is restarted in order, for an update or by a command',
    scope: 'board',
    perDay: 1,
    lastsMs: [0, 0],
    begin({ board, random }) {
      const awayMs = random.between(SECOND, 10 * MINUTE);
      board.sayGoodbye(() => board.bootAfter(awayMs, RESET.software));
      return undefined;
    },
  },
  {
    name: 'bit-rot',
    about: 'single bits of the flash flip',
    scope: 'board',
    perDay: 3,
    lastsMs: [0, 0],
    begin(site) {
      rot(site);
      return undefined;
    },
  },
  {
    name: 'full-flash',
    about: 'a small partition, and outages that last until it is full',
    scope: 'board',
    perDay: 1,
    lastsMs: [2 * HOUR, 6 * HOUR],
    begin({ board }) {
      board.home.change({ inRange: false });
      board.wifi.lose();
      return () => board.home.change({ inRange: true });
    },
  },
  {
    name: 'sensor-dead',
    about: 'the sensor does not answer on its bus',
    scope: 'board',
    perDay: 1.5,
    lastsMs: [MINUTE, 2 * HOUR],
    begin({ board }) {
      board.chip.setFault('absent');
      return () => board.chip.setFault();
    },
  },
  {
    name: 'sensor-stuck',
    about: 'a measurement never ends',
    scope: 'board',
    perDay: 1.5,
    lastsMs: [MINUTE, HOUR],
    begin({ board }) {
      board.chip.setFault('stuck');
      return () => board.chip.setFault();
    },
  },
  {
    name: 'clock-jump',
    about: 'wall time is set hours or days forward or back',
    scope: 'board',
    perDay: 2,
    lastsMs: [0, 0],
    begin({ board, random }) {
      board.time.jump(random.between(-20 * DAY, 20 * DAY));
      return undefined;
    },
  },
  {
    name: 'ntp-late',
    about: 'the time server takes up to a minute to answer, or never does',
    scope: 'board',
    perDay: 2,
    lastsMs: [10 * MINUTE, 6 * HOUR],
    begin({ board, random }) {
      const delayMs = random.between(SECOND, MINUTE);
      board.time.treat(random.chance(0.4) ? { isMute: true } : { delayMs });
      return () => board.time.treat({ isMute: false, delayMs: 0 });
    },
  },
  {
    name: 'ntp-wrong',
    about: 'the time server says no time: wants peace, has none itself, answers others or half',
    scope: 'board',
    perDay: 2,
    lastsMs: [MINUTE, 2 * HOUR],
    begin({ board, random }) {
      board.time.treat({ says: random.pick(WRONG_SAYINGS) });
      return () => board.time.treat({ says: 'time' });
    },
  },
  {
    name: 'ntp-jump',
    about: 'the time server is wrong by minutes to ten years, for one answer or for hours',
    scope: 'board',
    perDay: 2,
    lastsMs: [SECOND, 6 * HOUR],
    begin({ board, random }) {
      const far = random.pick([5 * MINUTE, HOUR, 30 * DAY, 300 * DAY, 3650 * DAY]);
      board.time.treat({ offsetMs: random.chance(0.5) ? far : -far });
      return () => board.time.treat({ offsetMs: 0 });
    },
  },
  {
    name: 'clock-drift',
    about: 'the crystal runs up to 200 parts per million fast or slow',
    scope: 'board',
    perDay: 3,
    lastsMs: [10 * MINUTE, 12 * HOUR],
    begin({ board, random }) {
      const { driftPpm } = board.time;
      board.time.drift(random.between(-200, 200));
      return () => board.time.drift(driftPpm);
    },
  },
]);
