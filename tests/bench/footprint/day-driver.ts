/**
 * A day of a device with three sensors, rules and detectors, under faults, in whatever heap the
 * machine has: some seventy connections that are lost, half of them with the network gone for up to
 * twenty minutes. No reading is lost. Ends by itself when an allocation fails.
 */

import { DeviceWorld } from '../../xs/device-world.ts';
import { threeSensors } from './three-sensors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const REASONS = Object.freeze(['reset', 'closed by peer', 'timed out', 'unreachable'] as const);

let state = 7;

/** A whole number, evenly enough from 0 to `below` - 1. */
function below(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % limit;
}

const world = new DeviceWorld(threeSensors(MINUTE_MS));
let losses = 0;
let mostWaiting = 0;
world.device.start();
for (let at = MINUTE_MS; at < DAY_MS - 60 * MINUTE_MS; losses++) {
  world.runUntil(at);
  world.isUnreachable = below(2) === 0;
  world.drop(REASONS[below(REASONS.length)]);
  at += below(20 * MINUTE_MS);
  world.runUntil(at);
  mostWaiting = Math.max(mostWaiting, world.device.counters.waiting);
  world.isUnreachable = false;
  at += below(20 * MINUTE_MS);
}
world.runUntil(DAY_MS);
const { accepted, acknowledged, dropped, connects } = world.device.counters;
print(`${accepted} accepted, ${acknowledged} acknowledged, ${dropped} dropped`);
print(`${losses} losses, ${connects} connects, ${mostWaiting} waiting at the most`);
print(`collections ${engine.collections()}, stack peak ${engine.stackPeak()}`);
const isWhole = accepted >= 1435 && acknowledged >= accepted - 1 && dropped === 0;
if (!isWhole || losses < 50 || mostWaiting < 10) exit(1);
