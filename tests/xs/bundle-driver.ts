/**
 * Two hours of a whole board, as `Mote`, in whatever heap the machine has: it reads a sensor on a
 * pin, loses its connection twice, and no reading is lost. In the bundle's test, `mote.ts` is the
 * bundle that a release build flashes.
 */

import type { Device, DeviceConfig, DeviceObserver, DevicePorts } from '../../firmware/device.ts';
import { Mote } from '../../firmware/mote.ts';
import type { MotePorts } from '../../firmware/mote-ports.ts';
import { DeviceWorld } from './device-world.ts';

const HOUR_MS = 3_600_000;
const MAC = new Uint8Array([0x24, 0x0a, 0xc4, 0, 0, 1]);

function nothing(): void {}

/** What a board asks beside its device's ports; whatever is not there is not to be asked for. */
function boardPorts(ports: DevicePorts): MotePorts {
  const stored = new Map<string, Uint8Array>();
  const idle = { set: nothing, clear: nothing };
  let alarms = 0;
  return {
    clock: ports.clock,
    // The board's own comes first, and has nothing to do while it works.
    alarm: (ring: () => void) => (alarms++ === 0 ? idle : ports.alarm(ring)),
    random: ports.random,
    networks: () => ports.networks,
    power: ports.power,
    memory: ports.memory,
    outbox: ports.outbox,
    values: {
      get: (key: string) => stored.get(key),
      set: (key: string, value: Uint8Array) => stored.set(key, value.slice()),
      remove: (key: string) => stored.delete(key),
    },
    radio: { mac: MAC, station: () => ports.wifi },
    pins: { sda: 2, scl: 3, ledPin: -1, buttonPin: 9, uses: 'bbbbbbbbbbb-------bbbb' },
    light: () => ({ set: nothing, write: nothing }),
    button: () => ({ isHeld: false }),
    bus: () => ({ open: nothing }),
    inputs: { analog: () => ({ read: () => 0.5, close: nothing }) },
  } as unknown as MotePorts;
}

const world = new DeviceWorld({
  outboxBytes: 8192,
  config: { intervalMs: 10_000 },
  sensor: () => ({ quantities: [], trigger: () => 0, collect: () => false, close: nothing }),
  device(config: DeviceConfig, ports: DevicePorts, observer: DeviceObserver): Device {
    const make = { firmwareVersion: '1.0.0', config, sensors: 'analog-4' };
    const mote = new Mote(boardPorts(ports), make, observer);
    mote.start();
    if (mote.device === undefined) throw new Error(`the board is ${mote.state}`);
    return mote.device;
  },
});
world.runUntil(HOUR_MS / 2);
world.drop('reset');
world.runUntil(HOUR_MS);
world.isUnreachable = true;
world.drop('closed by peer');
world.runUntil(HOUR_MS + 60_000);
world.isUnreachable = false;
world.runUntil(2 * HOUR_MS);
const { accepted, acknowledged, dropped, connects } = world.device.counters;
print(`${accepted} ${acknowledged} ${dropped} ${connects}`);
