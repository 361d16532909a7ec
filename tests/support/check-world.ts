/** A check of settings in virtual time: the radio, the network and the strict broker around it. */

import assert from 'node:assert/strict';
import { Deadlines } from '../../firmware/base/deadlines.ts';
import { type DeviceConfig, defaultConfig } from '../../firmware/device/config.ts';
import { SettingsCheck } from '../../firmware/device/settings-check.ts';
import { OrderlyRadio } from '../../firmware/network/orderly.ts';
import { SocketGate } from '../../firmware/network/socket-gate.ts';
import type { Network, WiFiNetwork } from '../../firmware/ports.ts';
import type { CheckFailure, CheckStage } from '../../firmware/provisioning/model.ts';
import { VirtualAlarm } from '../../host-sim/virtual/alarm.ts';
import { VirtualBroker } from '../../host-sim/virtual/broker/broker.ts';
import { VirtualClock } from '../../host-sim/virtual/clock.ts';
import { plainScram } from '../../host-sim/virtual/digest.ts';
import { EventQueue } from '../../host-sim/virtual/event-queue.ts';
import { Internet, VirtualNetwork } from '../../host-sim/virtual/network.ts';
import { type AirNetwork, VirtualRadio } from '../../host-sim/virtual/radio.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';
import { VirtualSockets } from '../../host-sim/virtual/sockets.ts';

export const HOME: WiFiNetwork = {
  ssid: Uint8Array.from(Buffer.from('home')),
  password: 'right password',
};

export interface CheckResult {
  readonly failure: CheckFailure | undefined;
  readonly stage: CheckStage;
  /** Stages in the order in which they were told. */
  readonly stages: readonly CheckStage[];
  readonly tookMs: number;
}

export class CheckWorld {
  readonly queue = new EventQueue();
  readonly random = new SeededRandom(7);
  readonly internet = new Internet(this.queue);
  readonly broker = new VirtualBroker(this.queue, this.random.fork('broker'));
  readonly network = new VirtualNetwork(this.internet, this.random.fork('link'));
  readonly radio = new VirtualRadio(this.queue, this.random.fork('radio'));
  readonly home: AirNetwork = this.radio.add({ ssid: 'home', password: HOME.password });
  readonly clock = new VirtualClock(this.queue, { quality: 'sync' });
  readonly sockets = new VirtualSockets(this.queue, this.random.fork('sockets'), assert.fail);
  readonly gate = new SocketGate(
    this.clock,
    (ring) => new VirtualAlarm(this.queue, this.clock, ring),
  );
  readonly stages: CheckStage[] = [];
  /** What the check has come to. */
  result: CheckResult | undefined;
  check!: SettingsCheck;

  constructor() {
    this.sockets.powerUp(this.gate);
    this.network.sockets = this.sockets;
    this.radio.sockets = this.sockets;
    this.radio.network = this.network;
    this.internet.name('broker.test', '10.0.0.1');
    this.broker.listen(this.internet, '10.0.0.1', 1883);
  }

  /** Begins a check; it is awake from here on. */
  begin(
    config: Partial<DeviceConfig> = {},
    wifi: WiFiNetwork = HOME,
    network: Network = this.network,
  ): this {
    const startedAt = this.queue.now;
    const alarm = new VirtualAlarm(this.queue, this.clock, () => {
      this.check.wake();
      alarm.set(this.check.deadline());
    });
    this.check = new SettingsCheck({
      deadlines: Deadlines.ofDevice(),
      clock: this.clock,
      random: this.random,
      scram: plainScram(this.random),
      network,
      wifi: new OrderlyRadio(this.radio, this.gate).station(wifi),
      config: {
        ...defaultConfig('mote-1'),
        broker: { scheme: 'mqtt', host: 'broker.test', port: 1883, path: '/' },
        ...config,
      },
      observer: {
        stage: (stage) => this.stages.push(stage),
        changed: () => alarm.set(this.check.deadline()),
        ended: (failure, stage) => {
          assert.equal(this.result, undefined, 'one result');
          const tookMs = this.queue.now - startedAt;
          this.result = { failure, stage, stages: this.stages, tookMs };
        },
      },
    });
    this.check.start();
    alarm.set(this.check.deadline());
    return this;
  }

  /** Runs until there is a result, and beyond: nothing may come after it. */
  finish(): CheckResult {
    this.queue.runUntil(() => this.result !== undefined, this.queue.now + 50_000);
    assert.ok(this.result !== undefined, `no result: ${this.stages}`);
    this.queue.runFor(60_000);
    assert.equal(this.check.deadline(), Number.POSITIVE_INFINITY);
    assert.equal(this.radio.joined, undefined, 'the radio is free again');
    return this.result;
  }
}
