/** Medians, ratios and the table of the throughput benchmark. */

import { type Cell, type Peer, peers, type Slice } from './throughput.ts';

/** What must hold on the median over the 3.1.1 cells. */
export const targets = Object.freeze({ toBound: 0.75, toMqttJs: 1.6 });

/** One cell: its slices by peer, the n-th of each measured in the n-th round. */
export interface CellResult extends Cell {
  readonly slices: Readonly<Record<Peer, readonly Slice[]>>;
}

/** A cell's figures: medians over its rounds. */
export interface CellFigures extends Cell {
  /** Acknowledged messages per second. */
  readonly rates: Readonly<Record<Peer, number>>;
  /** Processor time of the client's process per message, in microseconds. */
  readonly cpuMicros: Readonly<Record<Peer, number>>;
  /** Each the median of the ratios within a round: a load that drifts hits all peers alike. */
  readonly moteToBound: number;
  readonly moteToMqttJs: number;
  readonly mqttJsToBound: number;
}

/** @returns NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Condenses a cell's slices. */
export function figures({ version, window, payloadBytes, slices }: CellResult): CellFigures {
  const rate = ({ acknowledged, elapsedMs }: Slice) => (acknowledged * 1000) / elapsedMs;
  const cpu = ({ acknowledged, cpuMs }: Slice) => (cpuMs * 1000) / acknowledged;
  const perPeer = (value: (slice: Slice) => number) =>
    Object.fromEntries(peers.map((peer) => [peer, median(slices[peer].map(value))])) as Record<
      Peer,
      number
    >;
  const ratio = (over: Peer, under: Peer) =>
    median(slices[over].map((slice, round) => rate(slice) / rate(slices[under][round])));
  return {
    version,
    window,
    payloadBytes,
    rates: perPeer(rate),
    cpuMicros: perPeer(cpu),
    moteToBound: ratio('mote', 'bound'),
    moteToMqttJs: ratio('mote', 'mqtt.js'),
    mqttJsToBound: ratio('mqtt.js', 'bound'),
  };
}

/** The medians over the cells of one version, and whether they reach the targets. */
export function verdict(cells: readonly CellFigures[], version: 4 | 5) {
  const of = cells.filter((cell) => cell.version === version);
  const toBound = median(of.map((cell) => cell.moteToBound));
  const toMqttJs = median(of.map((cell) => cell.moteToMqttJs));
  return { toBound, toMqttJs, reached: toBound >= targets.toBound && toMqttJs >= targets.toMqttJs };
}

const columns = [
  ['MQTT', 6],
  ['window', 7],
  ['payload', 8],
  ['bound/s', 9],
  ['MQTT.js/s', 10],
  ['Mote/s', 8],
  ['Mote:bound', 11],
  ['Mote:MQTT.js', 13],
  ['MQTT.js:bound', 14],
  ['CPU µs/msg of each', 20],
] as const;

/** The table's first line. */
export function heading(): string {
  return columns.map(([name, width]) => name.padStart(width)).join('');
}

/** One cell as a line of the table. */
export function line(cell: CellFigures): string {
  const values = [
    versionName(cell.version),
    cell.window,
    `${cell.payloadBytes} B`,
    cell.rates.bound.toFixed(0),
    cell.rates['mqtt.js'].toFixed(0),
    cell.rates.mote.toFixed(0),
    cell.moteToBound.toFixed(2),
    cell.moteToMqttJs.toFixed(2),
    cell.mqttJsToBound.toFixed(2),
    peers.map((peer) => cell.cpuMicros[peer].toFixed(1)).join(' '),
  ];
  return values.map((value, index) => String(value).padStart(columns[index][1])).join('');
}

/** The last lines: medians against targets. */
export function summary(cells: readonly CellFigures[], version: 4 | 5): string {
  const { toBound, toMqttJs, reached } = verdict(cells, version);
  const bound = `${toBound.toFixed(2)} x the bound (target ${targets.toBound})`;
  const mqttJs = `${toMqttJs.toFixed(2)} x MQTT.js (target ${targets.toMqttJs})`;
  const word = reached ? 'reached' : 'missed';
  return `MQTT ${versionName(version)}, median over the cells: ${bound}, ${mqttJs}: ${word}`;
}

function versionName(version: 4 | 5): string {
  return version === 4 ? '3.1.1' : '5.0';
}
