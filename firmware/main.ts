/** The composition root on the board: its ports, and one device on them. */

import { Device, defaultConfig } from './device.ts';
import { Board } from './esp32/board.ts';
import { Bme280 } from './sensors/bme280.ts';

const BME280_ADDRESS = 0x76;
const NO_CREDENTIALS = Object.freeze({
  ca: new Uint8Array(0),
  certificate: new Uint8Array(0),
  key: new Uint8Array(0),
});

const board = new Board();
const config = defaultConfig('board');
const { clock, random, power, memory, radio } = board;
const log = (line: string): void => board.log.line(line);
const device = new Device(
  config,
  {
    clock,
    alarm: (ring) => board.alarm(ring),
    random,
    networks: board.networks(NO_CREDENTIALS),
    wifi: radio.station({ ssid: new Uint8Array(ArrayBuffer.fromString('mote')), password: '' }),
    power,
    memory,
    sensors: [{ name: 'bme280', sensor: new Bme280(board.bus(-1, -1).registers(BME280_ADDRESS)) }],
    outbox: board.outbox(config.windowMax),
  },
  {
    state: log,
    connected: (version) => log(`connected, MQTT ${version}`),
    disconnected: log,
    published: (topic, sequence) => log(`published ${topic} ${sequence}`),
    acknowledged() {},
    stopped() {},
  },
);
board.time.start('pool.ntp.org');
device.start();
