/** A whole device over the simulator's live ports against a real broker, as `npm start` runs it. */

import type { DeviceConfig } from '../../firmware/device/config.ts';
import { defaultConfig } from '../../firmware/device/config.ts';
import { Device } from '../../firmware/device/device.ts';
import type { Outbox } from '../../firmware/outbox/outbox.ts';
import { create } from '../../firmware/sensors/probe.ts';
import { liveBoard } from '../../host-sim/live/board.ts';
import { LiveButton } from '../../host-sim/live/button.ts';
import { VirtualKeyValue } from '../../host-sim/virtual/key-value.ts';
import { openMemoryOutbox } from '../support/memory-outbox.ts';

export interface LiveDeviceOptions extends Partial<DeviceConfig> {
  readonly id: string;
  readonly port: number;
  /** Draws the least delays between attempts, so that a test ends soon. */
  readonly hurried: boolean;
}

export class LiveDevice {
  readonly device: Device;
  readonly outbox: Outbox;
  /** Of each reading: how often it was sent, and whether it was acknowledged. */
  readonly sent = new Map<number, number>();
  readonly acknowledged = new Set<number>();
  readonly disconnects: string[] = [];
  connects = 0;
  #stopped: () => void = () => {};

  constructor({ id, port, hurried, ...config }: LiveDeviceOptions) {
    this.outbox = openMemoryOutbox({ bytes: 1024 * 1024, window: 8 });
    const observer = { unresolved() {}, failed() {} };
    const { outbox } = this;
    const ports = liveBoard({
      ...{ id, identity: {}, observer, outbox, values: new VirtualKeyValue() },
      ...{ sensors: ['bme280'], setupPort: 0, setupBound() {}, setupFailed() {} },
      ...{ resetCode: 1, button: new LiveButton(), restart() {} },
    });
    const none = new Uint8Array(0);
    const networks = ports.networks({ ca: none, certificate: none, key: none });
    const wifi = ports.radio.station({ ssid: none, password: '' });
    const sensors = create(['bme280'], ports.bus(-1, -1), 50);
    const least = { below: (below: number) => Math.min(50, below - 1) };
    const random = hurried ? least : ports.random;
    const broker = { scheme: 'mqtt', host: '127.0.0.1', port, path: '/' } as const;
    const whole = { ...defaultConfig(id), broker, intervalMs: 50, ...config };
    this.device = new Device(
      whole,
      { ...ports, random, networks, wifi, sensors },
      {
        connected: () => {
          this.connects += 1;
        },
        published: (_topic, sequence) => {
          if (sequence > 0) this.sent.set(sequence, (this.sent.get(sequence) ?? 0) + 1);
        },
        acknowledged: (_topic, sequence) => this.acknowledged.add(sequence),
        disconnected: (reason) => this.disconnects.push(reason),
        stopped: () => this.#stopped(),
      },
    );
  }

  /** Says goodbye; bounded by the device itself. */
  stop(): Promise<void> {
    if (this.device.state === 'stopped') return Promise.resolve();
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.device.stop();
    });
  }
}

/** The numbers of the readings in a telemetry or history message. */
export function sequencesOf(payload: string): number[] {
  const read = [JSON.parse(payload)].flat() as { seq: number }[];
  return read.map(({ seq }) => seq);
}
