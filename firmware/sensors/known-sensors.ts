/**
 * The I2C sensors that Mote knows: what they are called, where they are, how each is recognised,
 * and which driver it gets.
 *
 * Looking harms nobody: every question is a read, or the choice of a register, or a command that
 * other chips at these addresses do not have. Some chips have no identification and are told from
 * others by what they show (`isCertain` false).
 */

import { registers } from './bus/registers.ts';
import { Aht20 } from './drivers/aht20.ts';
import { Bh1750 } from './drivers/bh1750.ts';
import { Bme280, isBosch280 } from './drivers/bme280.ts';
import { Bmp280 } from './drivers/bmp280.ts';
import { INA219_CONFIGURATION, Ina219 } from './drivers/ina219.ts';
import { Scd4x } from './drivers/scd4x.ts';
import { areWordsValid } from './drivers/sensirion.ts';
import { SHT3X, SHT4X, Sht } from './drivers/sht.ts';
import { Tmp117 } from './drivers/tmp117.ts';
import type { I2CDevice, Sensor } from './sensor.ts';

/** One kind of sensor. */
export interface KnownSensor {
  /** In settings and diagnostics. */
  readonly name: string;
  /** Seven bits; the usual one first. */
  readonly addresses: readonly number[];
  /** What is written before the answer is read; nothing for a chip that is only read. */
  readonly question: readonly number[];
  readonly answerBytes: number;
  readonly recognises: (answer: Uint8Array) => boolean;
  /** Another chip cannot give such an answer, and this one always does. */
  readonly isCertain: boolean;
  /** @param intervalMs between the rounds */
  readonly make: (device: I2CDevice, intervalMs: number) => Sensor;
}

const INA219_AFTER_RESET = 0x399f;
const CERTAIN = true;
const UNCERTAIN = false;

/** Where chips share an address, those that are certain come first. */
export const KNOWN_SENSORS: readonly KnownSensor[] = Object.freeze([
  known('bme280', [0x76, 0x77], [0xd0], 1, CERTAIN, isBme280, makeBme280),
  known('bmp280', [0x76, 0x77], [0xd0], 1, CERTAIN, isBmp280, makeBmp280),
  // The serial number. An SHT3x needs two bytes for a command and ignores this one.
  known('sht4x', [0x44, 0x45, 0x46], [0x89], 6, CERTAIN, areWordsValid, makeSht4x),
  // The status. An SHT4x has no command 0xF3.
  known('sht3x', [0x44, 0x45], [0xf3, 0x2d], 3, CERTAIN, areWordsValid, makeSht3x),
  // get_data_ready_status, allowed while it measures; an MCP4725, also at 0x62, ignores it.
  known('scd4x', [0x62], [0xe4, 0xb8], 3, CERTAIN, areWordsValid, makeScd4x),
  known('tmp117', range(0x48, 4), [0x0f], 2, CERTAIN, isTmp117, makeTmp117),
  known('aht20', [0x38], [], 7, UNCERTAIN, isAht20, makeAht20),
  known('bh1750', [0x23, 0x5c], [], 2, UNCERTAIN, isBh1750, makeBh1750),
  known('ina219', range(0x40, 16), [0x00], 2, UNCERTAIN, isIna219, makeIna219),
]);

function known(
  name: string,
  addresses: readonly number[],
  question: readonly number[],
  answerBytes: number,
  isCertain: boolean,
  recognises: KnownSensor['recognises'],
  make: KnownSensor['make'],
): KnownSensor {
  Object.freeze(addresses);
  Object.freeze(question);
  return Object.freeze({
    name,
    addresses,
    question,
    answerBytes,
    isCertain,
    recognises,
    make,
  });
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function isBme280(answer: Uint8Array): boolean {
  return isBosch280('BME280', answer[0]);
}

function isBmp280(answer: Uint8Array): boolean {
  return isBosch280('BMP280', answer[0]);
}

/** The identification; the upper four bits are the revision. */
function isTmp117(answer: Uint8Array): boolean {
  return (word(answer) & 0x0fff) === 0x117;
}

/** Idle and calibrated, and no port expander, which repeats one byte. */
function isAht20(answer: Uint8Array): boolean {
  return (answer[0] & 0xe8) === 0x08 && answer.some((byte) => byte !== answer[0]);
}

/** The last brightness. A port expander repeats one byte; but two zeros are the dark. */
function isBh1750(answer: Uint8Array): boolean {
  return answer[0] !== answer[1] || answer[0] === 0;
}

/** The configuration, as after power-up or as the driver leaves it. */
function isIna219(answer: Uint8Array): boolean {
  const configuration = word(answer);
  return configuration === INA219_AFTER_RESET || configuration === INA219_CONFIGURATION;
}

function word(answer: Uint8Array): number {
  return (answer[0] << 8) | answer[1];
}

function makeBme280(device: I2CDevice): Sensor {
  return new Bme280(registers(device));
}

function makeBmp280(device: I2CDevice): Sensor {
  return new Bmp280(registers(device));
}

function makeSht4x(device: I2CDevice): Sensor {
  return new Sht(device, SHT4X);
}

function makeSht3x(device: I2CDevice): Sensor {
  return new Sht(device, SHT3X);
}

function makeScd4x(device: I2CDevice, intervalMs: number): Sensor {
  return new Scd4x(device, intervalMs);
}

function makeTmp117(device: I2CDevice): Sensor {
  return new Tmp117(device);
}

function makeAht20(device: I2CDevice): Sensor {
  return new Aht20(device);
}

function makeBh1750(device: I2CDevice): Sensor {
  return new Bh1750(device);
}

function makeIna219(device: I2CDevice): Sensor {
  return new Ina219(device);
}
