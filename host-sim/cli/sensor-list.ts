/**
 * The list of `--sensors`: chips on the boards' I2C bus, thermometers on one-wire buses, and sensors
 * on pins, as the settings name them. What a board could not have is refused in one line.
 */
import { DEFAULTS } from '../../firmware/config/fields.ts';
import { boardProblems } from '../../firmware/mote/pin-check.ts';
import { boardBus, SIMULATED_SENSORS } from '../chips/board-sensors.ts';
import { surroundings } from '../chips/curves.ts';
import {
  i2cSensors,
  isOneWire,
  isOnPin,
  namesInSettings,
  ONE_WIRE_PIN,
  ONE_WIRE_SENSORS,
} from '../chips/one-wire-sensors.ts';
import { BOARDS, pinsOf } from '../esp32-tools/boards.ts';
import { Refusal, shown } from './arguments.ts';
import { describe } from './describe-problem.ts';

const ON_PINS = 'analog-34, ntc-34, contact-4, pulse-5, ds18b20-4';

/** @throws Refusal that names what a board cannot have */
export function readSensorList(text: string): readonly string[] {
  const names = text.split(',');
  const known = [...SIMULATED_SENSORS, ...ONE_WIRE_SENSORS];
  const odd = names.find((name) => !known.includes(name) && !isOnPin(name));
  if (odd !== undefined) {
    const what = `expected some of ${known}, or on pins such as ${ON_PINS}`;
    throw new Refusal(`--sensors ${shown(text)} names ${shown(odd)}; ${what}`);
  }
  try {
    boardBus(i2cSensors(names), surroundings(0), () => 0);
  } catch (error) {
    throw new Refusal(`--sensors ${shown(text)}: ${(error as Error).message}`);
  }
  const sensors = namesInSettings(names) ?? names.join(',');
  const [problem] = boardProblems({ ...DEFAULTS, sensors }, pinsOf(BOARDS[0]));
  if (problem === undefined) return names;
  const where = names.some(isOneWire)
    ? `; ${ONE_WIRE_SENSORS.join(', ')} are on GPIO ${ONE_WIRE_PIN}`
    : '';
  const why = problem.code === 'pin taken' ? where : '';
  throw new Refusal(`--sensors ${shown(text)} cannot be: ${describe(problem)}${why}`);
}
