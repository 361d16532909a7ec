/** The composition root on the board: its ports, the firmware on them, and a log for people. */

import { Board } from './esp32/board.ts';
import { Mote } from './mote/mote.ts';
import type { MoteObserver } from './mote/ports.ts';

const FIRMWARE_VERSION = '0.1.0';

const board = new Board();
const log = (line: string): void => board.log.line(line);

const observer: MoteObserver = {
  state: log,
  connected: (version) => {
    log(`connected, MQTT ${version}`);
    // An image that reaches the broker may stay: until then a restart goes back to the one before.
    board.updater.confirm();
  },
  published() {},
  acknowledged() {},
  disconnected: log,
  setAside: (sequence) => log(`reading ${sequence} is set aside: the broker does not take it`),
  stopped: () => log('stopped'),
  setUpOpened: ({ name, password, qr }) =>
    log(`set-up network ${name}, password ${password}: ${qr}`),
  setUpClosed: log,
};

new Mote(board, { firmwareVersion: FIRMWARE_VERSION }, observer).start();
