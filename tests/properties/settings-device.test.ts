/** Whatever settings are accepted, a device can be made of them, and tried: no boot ends in a throw. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from '../../firmware/base/deadlines.ts';
import { DEFAULTS, type Settings } from '../../firmware/config/fields.ts';
import { isProvisioned, parseSettings } from '../../firmware/config/settings.ts';
import type { Device } from '../../firmware/device/device.ts';
import { deviceConfig, wifiNetwork } from '../../firmware/device/settings.ts';
import { SettingsCheck } from '../../firmware/device/settings-check.ts';
import type { MotePorts } from '../../firmware/mote/ports.ts';
import { MoteMemory } from '../../firmware/mote/saved-values.ts';
import { sensorsOf } from '../../firmware/mote/sensors.ts';
import { boardBus, SIMULATED_SENSORS } from '../../host-sim/chips/board-sensors.ts';
import { surroundings } from '../../host-sim/chips/curves.ts';
import { VirtualKeyValue } from '../../host-sim/virtual/key-value.ts';
import { virtualDevice } from '../support/virtual-device.ts';
import { form, pem } from '../unit/config/harness.ts';

const MAC = Uint8Array.of(2, 3, 4, 5, 6, 7);
/** More than one reading may have room for: those that find none give nothing. */
const ALL = SIMULATED_SENSORS.join();
const SHORT = 'ina219-40,ina219-41,ina219-42,ina219-43,ina219-44,scd4x,sht4x-44';
const CERTIFICATE = pem('CERTIFICATE');

/** Texts in which a character is one byte, is escaped, or is many bytes. */
const wide = fc.string({
  unit: fc.constantFrom('a', '"', '\\', 'é', '温', '🏠', '/'),
  maxLength: 96,
});

const forms = fc.record(
  {
    ssid: fc.uint8Array({ minLength: 1, maxLength: 32 }),
    host: fc.constantFrom('broker.test', '10.0.0.1', '::1', 'mqtts://b:1', 'wss://b/x', 'ws://b'),
    port: fc.constantFrom('', '1', '65535'),
    path: fc.constantFrom('/', `/${'p'.repeat(127)}`),
    user: fc.oneof(wide, fc.constant('u'.repeat(128))),
    password: fc.uint8Array({ maxLength: 512, size: 'max' }),
    name: fc.constantFrom('', 'n', '-', 'n'.repeat(32)),
    baseTopic: fc.oneof(wide, fc.constantFrom('温'.repeat(32), 't'.repeat(96), '"'.repeat(96))),
    intervalS: fc.constantFrom('1', '86400'),
    keepAliveS: fc.constantFrom('5', '3600'),
    version: fc.constantFrom('auto', '5', '3.1.1'),
    homeAssistant: fc.constantFrom('on', 'off'),
    ca: fc.constantFrom('', CERTIFICATE),
    sensors: fc.oneof(fc.constantFrom('', ALL, SHORT), fc.stringMatching(/^[a-z0-9-]{1,20}$/)),
    sda: fc.constantFrom('', '0', '48'),
    ledPin: fc.constantFrom('', '1', '47'),
    unit: fc.constantFrom('C', 'F'),
    offsetHumidity: fc.constantFrom('-50', '0,5', '50'),
  },
  { requiredKeys: ['ssid', 'host'] },
);

const discoveries = fc.constantFrom('on' as const, 'off' as const, 'remove' as const);
const signIns = fc.constantFrom('password' as const, 'scram' as const);

/** As the board takes a form: what is wrong in it stays as it was. */
const accepted: fc.Arbitrary<Settings> = forms
  .map((fields) => parseSettings(form(fields), DEFAULTS).settings)
  .filter(isProvisioned);

const facts = Object.freeze({ mac: MAC, boot: 0xffff_ffff, firmwareVersion: '10.20.30-rc.40' });

function made(settings: Settings) {
  const bus = boardBus(ALL.split(','), surroundings(3), () => 0);
  const config = deviceConfig(settings, facts);
  const memory = new MoteMemory(new VirtualKeyValue());
  const ports = { bus: () => bus } as unknown as MotePorts;
  const sensors = sensorsOf(ports, memory, settings, config.intervalMs);
  return { config, sensors };
}

test('a device and a check can be made of any settings that are accepted', () => {
  const { device } = virtualDevice();
  fc.assert(
    fc.property(accepted, discoveries, signIns, (settings, discovery, signIn) => {
      const { config, sensors } = made({ ...settings, signIn });
      wifiNetwork(settings);
      const { scheme } = config.broker;
      const network = device.ports.networks.mqtt!;
      const { clock, random, scram, wifi } = device.ports;
      const observer = { stage() {}, ended() {}, changed() {} };
      const deadlines = Deadlines.ofDevice();
      new SettingsCheck({ clock, random, scram, network, wifi, config, observer, deadlines });
      const networks = { [scheme]: network };
      virtualDevice({ config: { ...config, discovery }, sensors, ports: { networks } });
    }),
    { numRuns: 300 },
  );
});

test('a device of any settings that are accepted announces itself, and delivers its readings', () => {
  fc.assert(
    fc.property(accepted, (settings) => {
      const { config, sensors } = made({ ...settings, encryption: 'none', intervalS: 5 });
      const { broker: _, ...rest } = config;
      const board = virtualDevice({ config: { ...rest, discovery: 'on' }, sensors });
      board.online().runFor(6000);
      const key = config.hardwareId === '' ? config.id : `mote_${config.hardwareId}`;
      const topic = `homeassistant/device/${key}/config`;
      const [document] = board.broker.books.published.filter((sent) => sent.topic === topic);
      assert.ok(document !== undefined, `not announced: ${sensors.length} sensors`);
      JSON.parse(Buffer.from(document.payload).toString());
      const { accepted, acknowledged } = (board.device as Device).counters;
      assert.ok(sensors.length === 0 || accepted > 0);
      assert.equal(acknowledged, accepted);
      board.checkBooks();
    }),
    { numRuns: 40 },
  );
});
