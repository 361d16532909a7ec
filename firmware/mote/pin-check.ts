/**
 * Whether a board can do what its settings ask of its sensors and pins. It refuses names that no
 * sensor has, pins that carry the flash or do not exist, inputs where a pin must be driven or
 * pulled up, a pin with two purposes, and more sensors than a reading has room for. Each would mean
 * silence, or a crash at the next start.
 */

import type { FieldProblem, Settings } from '../config/fields.ts';
import { BUSES_MAX, busPinOf, isDs18b20Name } from '../sensors/drivers/ds18b20-names.ts';
import { KNOWN_SENSORS } from '../sensors/known-sensors.ts';
import { isPinSensorName, pinOf } from '../sensors/pin-sensors.ts';
import { isSensorName } from '../sensors/probe.ts';
import type { BoardPins } from './ports.ts';
import { findRoom } from './sensors.ts';

/** Sensors on pins, as they are named; N is a GPIO. */
const PIN_SENSORS = Object.freeze([
  'analog-N',
  'ntc-N',
  'contact-N',
  'pulse-N',
  'ds18b20-N',
] as const);
const PIN_FIELDS = Object.freeze(['sda', 'scl', 'ledPin', 'buttonPin'] as const);

/**
 * @returns `unknown`, `too many`, `pin unusable`, `pin input only` and `pin taken`, one for a field
 *   at most
 */
export function boardProblems(settings: Settings, board: BoardPins): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const taken: number[] = [];
  const names = settings.sensors === '' ? [] : settings.sensors.split(',');
  const hasBus = names.length === 0 || names.some(isSensorName);
  const add = (field: string, code: string, more?: Partial<FieldProblem>) => {
    if (!problems.some((problem) => problem.field === field)) {
      problems.push({ field, code, ...more });
    }
  };
  const take = (field: string, pin: number, isRead: boolean) => {
    const use = board.uses.charAt(pin);
    if (use !== 'b' && use !== 'i') add(field, 'pin unusable');
    else if (use === 'i' && !isRead) add(field, 'pin input only');
    else if (!hasBus && (field === 'sda' || field === 'scl')) return;
    else if (taken.includes(pin)) add(field, 'pin taken');
    else taken.push(pin);
  };
  const buses = names.map(busPinOf).filter((pin, i, pins) => pin >= 0 && pins.indexOf(pin) === i);
  const what = names.find(
    (name) => !(isSensorName(name) || isPinSensorName(name) || isDs18b20Name(name)),
  );
  if (what !== undefined) {
    const known = [...KNOWN_SENSORS.map(({ name }) => name), ...PIN_SENSORS].join(', ');
    add('sensors', 'unknown', { what, known });
  }
  if (!findRoom(names, settings.spread)) add('sensors', 'too many');
  // The board's own first: whoever names one of these is the one to be told.
  PIN_FIELDS.forEach((field) => {
    if (settings[field] < 0 && board[field] >= 0) take(field, board[field], false);
  });
  PIN_FIELDS.forEach((field) => {
    if (settings[field] >= 0) take(field, settings[field], false);
  });
  names.forEach((name) => {
    if (isPinSensorName(name)) take('sensors', pinOf(name), /^(?:analog|ntc)-/.test(name));
  });
  buses.forEach((pin, i) => {
    if (i < BUSES_MAX) take('sensors', pin, false);
    else add('sensors', 'pin unusable');
  });
  return problems;
}
