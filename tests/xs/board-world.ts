/**
 * What a whole board, as `Mote`, asks beside its device's ports, over a device's world: one sensor
 * on a pin, and nothing else. Whatever is not there is not to be asked for.
 */

import type { DeviceConfig } from '../../firmware/device/config.ts';
import type { Device } from '../../firmware/device/device.ts';
import type { DeviceObserver, DevicePorts } from '../../firmware/device/ports.ts';
import { Mote } from '../../firmware/mote/mote.ts';
import type { MotePorts } from '../../firmware/mote/ports.ts';

const MAC = Object.freeze([0x24, 0x0a, 0xc4, 0, 0, 1]);

function nothing(): void {}

/** Makes a board's device as the board does at its start. */
export function deviceOfBoard(
  config: DeviceConfig,
  ports: DevicePorts,
  observer: DeviceObserver,
): Device {
  const make = { firmwareVersion: '1.0.0', config, sensors: 'analog-4' };
  const mote = new Mote(boardPorts(ports), make, observer);
  mote.start();
  if (mote.device === undefined) throw new Error(`the board is ${mote.state}`);
  return mote.device;
}

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
    radio: { mac: new Uint8Array(MAC), station: () => ports.wifi },
    pins: { sda: 2, scl: 3, ledPin: -1, buttonPin: 9, uses: 'bbbbbbbbbbb-------bbbb' },
    light: () => ({ set: nothing, write: nothing }),
    button: () => ({ isHeld: false }),
    bus: () => ({ open: nothing }),
    inputs: { analog: () => ({ read: () => 0.5, close: nothing }) },
  } as unknown as MotePorts;
}
