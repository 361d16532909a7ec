/**
 * The footprint of the client and of the whole device in XS, measured by the 32-bit host in which
 * a slot has the size that it has on the ESP32. The same sources always give the same figures, to
 * the unit.
 */

import { buildHost } from '../../xs/host-build.ts';
import { importGraph, moduleAt, reached } from '../../xs/pack.ts';
import { platformModules } from '../../xs/platform.ts';
import { exitCodes, type Outcome, runHost } from '../../xs/run-host.ts';
import type { Cost } from './meter.ts';

/** Figures by name; the names are those of `tests/xs/budgets.json`. */
export type Figures = Readonly<Record<string, number>>;

const clientDriver = 'tests/bench/footprint/client-driver.ts';
const deviceDriver = 'tests/bench/footprint/device-driver.ts';
const bootDriver = 'tests/bench/footprint/boot-driver.ts';
const heapDriver = 'tests/bench/footprint/heap-driver.ts';
const unusualDriver = 'tests/bench/footprint/unusual-driver.ts';
const dayDriver = 'tests/bench/footprint/day-driver.ts';
const rulesDriver = 'tests/bench/footprint/rules-driver.ts';
const heapStepBytes = 512;
const heapBytesMax = 96 * 1024;

interface ClientResult {
  readonly publish: Cost;
  readonly puback: Cost;
  readonly inbound: Cost;
  readonly standIns: Cost;
  readonly writesPerPublish: number;
  readonly ramBytes: number;
}

interface DeviceResult {
  readonly reading: Cost;
  readonly writesPerReading: number;
  readonly heapBytes: number;
}

interface BootResult {
  readonly meter: number;
}

interface UnusualResult {
  readonly sample: Cost;
  readonly meterMax: number;
  readonly ramBytes: number;
  readonly stateBytes: number;
  readonly bytecodeBytes: number;
}

interface Printed<T> {
  readonly v4: T;
  readonly v5: T;
  readonly bytecodeBytes: number;
  readonly preloadedBytes: number;
}

/** Runs a driver in the clone, everything that it imports preloaded. */
async function runDriver(driver: string, args: readonly string[] = []): Promise<Outcome> {
  const paths = reached(await importGraph([driver]), driver);
  const modules = await Promise.all(paths.map((path) => moduleAt(path, path !== driver)));
  return runHost(await buildHost('figures'), [...(await platformModules()), ...modules], args);
}

/** @throws Error with what the driver said when it failed */
async function printed<T>(driver: string): Promise<T> {
  const { code, stdout, stderr } = await runDriver(driver);
  if (code !== exitCodes.ok) throw new Error(`${driver} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Whether a driver comes to its end in an arena of so many bytes: slots, chunks and stack. */
async function fits(driver: string, bytes: number): Promise<boolean> {
  const { code, stderr } = await runDriver(driver, ['--static', `${bytes}`]);
  if (code === exitCodes.ok) return true;
  if (code === exitCodes.memoryFull) return false;
  throw new Error(`${driver} ended with ${code}: ${stderr}`);
}

/** The smallest arena, in steps, in which the device runs an hour. */
async function smallestHeap(driver: string): Promise<number> {
  let low = 0;
  let high = heapBytesMax / heapStepBytes;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await fits(driver, middle * heapStepBytes)) high = middle;
    else low = middle;
  }
  return high * heapStepBytes;
}

/** The same for a driver that takes long, and needs no less than another. */
async function heapFrom(bytes: number, driver: string): Promise<number> {
  let most = bytes;
  while (most < heapBytesMax && !(await fits(driver, most))) most += heapStepBytes;
  return most;
}

function clientFigures(version: string, result: ClientResult): Figures {
  const { publish, puback, inbound, standIns, writesPerPublish, ramBytes } = result;
  return {
    [`client ${version} meter per publish and PUBACK`]: publish.meter + puback.meter,
    [`client ${version} meter of which are source, payload and socket`]: standIns.meter,
    [`client ${version} garbage bytes per publish and PUBACK`]:
      publish.garbageBytes + puback.garbageBytes,
    [`client ${version} socket writes per publish`]: writesPerPublish,
    [`client ${version} meter per inbound PUBLISH`]: inbound.meter,
    [`client ${version} garbage bytes per inbound PUBLISH`]: inbound.garbageBytes,
    [`client ${version} RAM bytes after connect`]: ramBytes,
  };
}

function deviceFigures(version: string, { reading, writesPerReading, heapBytes }: DeviceResult) {
  return {
    [`device ${version} meter per reading`]: reading.meter,
    [`device ${version} garbage bytes per reading`]: reading.garbageBytes,
    [`device ${version} socket writes per reading`]: writesPerReading,
    [`device ${version} heap bytes held`]: heapBytes,
  };
}

function unusualFigures({ sample, meterMax, ...bytes }: UnusualResult): Figures {
  return {
    'unusual meter per sample': sample.meter,
    'unusual meter of the dearest sample': meterMax,
    'unusual garbage bytes per sample': sample.garbageBytes,
    'unusual state bytes per quantity': bytes.stateBytes,
    'unusual RAM bytes per quantity': bytes.ramBytes,
    'unusual bytecode bytes': bytes.bytecodeBytes,
  };
}

/** Measures everything. @throws Error when a driver fails or the host cannot be built */
export async function measureFootprint(): Promise<Figures> {
  const client = await printed<Printed<ClientResult>>(clientDriver);
  const device = await printed<Printed<DeviceResult>>(deviceDriver);
  const boot = await printed<BootResult>(bootDriver);
  const hourBytes = await smallestHeap(rulesDriver);
  return {
    ...clientFigures('3.1.1', client.v4),
    ...clientFigures('5.0', client.v5),
    'client bytecode bytes': client.bytecodeBytes,
    ...deviceFigures('3.1.1', device.v4),
    ...deviceFigures('5.0', device.v5),
    'device bytecode bytes': device.bytecodeBytes,
    'device preloaded bytes beside bytecode': device.preloadedBytes,
    'board meter from boot to first reading': boot.meter,
    'device heap bytes needed for an hour': await smallestHeap(heapDriver),
    'device heap bytes needed with three sensors, four rules and three detectors': hourBytes,
    'device heap bytes needed by these through a day of faults': await heapFrom(
      hourBytes,
      dayDriver,
    ),
    ...unusualFigures(await printed<UnusualResult>(unusualDriver)),
  };
}
