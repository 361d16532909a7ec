/** How a seed furnishes the world: the broker's limits, each board's settings, link and flash. */

import { DEFAULTS, type Settings } from '../../../firmware/config/fields.ts';
import type { DeviceConfig } from '../../../firmware/device/config.ts';
import type { BrokerSettings } from '../broker/settings.ts';
import type { SeededRandom } from '../random.ts';
import type { BoardMake } from './surroundings.ts';
import type { WorldPlan } from './world-plan.ts';

export const HOST = 'broker.test';
/** The same broker; its certificate knows only the first name. */
export const OTHER_HOST = 'also.broker.test';
export const ADDRESS = '10.0.0.1';
export const PORT = 1883;
export const TLS_PORT = 8883;
/** Of the worlds: their boards reach the broker over TLS. */
const TLS_SHARE = 0.25;
export const WEB_SOCKET_PORT = 9001;
export const WEB_SOCKET_PATH = '/mqtt';

const FLASH_BLOCKS = 64;
/** As few as can be, so that an outage of hours fills it. */
const FLASH_BLOCKS_SMALL = 6;
/** Of the boards: those that have rules for alarms. */
const ALARMS_SHARE = 0.35;
/** Rules that come true now and then in the world's weather; each set has `temperature_high`. */
const RULES = Object.freeze([
  'temperature > 21.5 hysteresis 0.3; humidity < 45 for 5min latched',
  'temperature > 21 latched; temperature changes > 0.02/min; pressure unusual',
  'temperature > 20.5 for 90s clear for 10min; pressure > 1009; pressure < 1009 latched; temperature silent for 10min',
  'temperature > 22 hysteresis 0 latched; temperature < 20.5; humidity > 50 hysteresis 0; pressure stuck for 3 samples; temperature unusual; co2 > 900',
] as const);
const POWER_BACK_MS_MAX = 120_000;

/** Some brokers have limits that the board must keep to. */
export function brokerSettings(world: SeededRandom): Partial<BrokerSettings> {
  const random = world.fork('broker settings');
  const receiveMaximum = random.pick([65_535, 65_535, 20, 8, 3]);
  // So little that what a board sends at a connect is too much at once.
  const narrow = world.fork('receive maximum');
  return {
    receiveMaximum: narrow.chance(0.25) ? narrow.between(1, 2) : receiveMaximum,
    topicAliasMaximum: random.pick([0, 0, 2, 10]),
    maximumPacketSize: random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1024]),
    versions: isOld(world) ? [4] : [4, 5],
    versionRefusal: random.pick(['return code', 'reason code', 'close'] as const),
  };
}

/** A broker that speaks 3.1.1 only. */
function isOld(world: SeededRandom): boolean {
  return world.fork('versions').chance(0.2);
}

/** Whether the broker is reached over TLS. */
export function hasTls(plan: WorldPlan, world: SeededRandom): boolean {
  const isAsked = !plan.isSwarm && plan.faults.some(({ name }) => name === 'tls-identity');
  return isAsked || (plan.isSwarm && world.fork('tls share').chance(TLS_SHARE));
}

export function makeOf(plan: WorldPlan, index: number, world: SeededRandom): BoardMake {
  const id = `mote-${String(index + 1).padStart(3, '0')}`;
  const fleet = world.fork('fleet');
  const own = world.fork(`make ${id}`);
  const isSmall = plan.faults.some(({ name }) => name === 'full-flash') && fleet.chance(0.5);
  const keepAliveS = fleet.pick([60, 60, 30, 120, 300]);
  const version = own.pick(isOld(world) ? ['auto', '3.1.1'] : ['auto', 'auto', '5', '3.1.1']);
  const isAnnounced = world.fork('home assistant').chance(0.5);
  return {
    id,
    index,
    settings: {
      ...settingsOf(plan, id, version, keepAliveS, isAnnounced, hasTls(plan, world)),
      ...(hasTls(plan, world) ? {} : webSocketOf(world.fork(`way ${id}`))),
      ...(plan.alarms === undefined && plan.isSwarm
        ? ruledBy(world.fork(`alarms ${id}`), plan.intervalMs)
        : {}),
      ...(plan.alarms ? { alarms: plan.alarms } : {}),
    },
    config: elsewhere(plan),
    link: { latencyMsMin: 2, latencyMsMax: own.between(5, 80), dnsMsMax: 30 },
    flashBlocks: plan.flashBlocks ?? (isSmall ? FLASH_BLOCKS_SMALL : FLASH_BLOCKS),
    driftPpm: own.between(-40, 40),
    powerBackMs: (random) => random.between(500, POWER_BACK_MS_MAX),
  };
}

function settingsOf(
  plan: WorldPlan,
  name: string,
  version: string,
  keepAliveS: number,
  homeAssistant: boolean,
  isSecure: boolean,
): Settings {
  return {
    ...DEFAULTS,
    ssid: Uint8Array.from('world', (letter) => letter.charCodeAt(0)),
    host: HOST,
    port: isSecure ? TLS_PORT : PORT,
    encryption: isSecure ? 'tls' : 'none',
    name,
    version: version as Settings['version'],
    intervalS: Math.max(1, Math.round(plan.intervalMs / 1000)),
    keepAliveS: plan.keepAliveS ?? keepAliveS,
    homeAssistant,
  };
}

/** Rules, and for some of these boards samples between their readings. */
function ruledBy(random: SeededRandom, intervalMs: number): Partial<Settings> {
  if (!random.chance(ALARMS_SHARE)) return {};
  const alarms = random.pick(RULES);
  const sampleS = random.chance(0.5) ? Math.floor(intervalMs / 4000) : 0;
  return { alarms, sampleS };
}

/** Undefined where settings can say all that the plan asks for. */
function elsewhere({ intervalMs, windowMax }: WorldPlan): Partial<DeviceConfig> | undefined {
  if (windowMax !== undefined) return { intervalMs, windowMax };
  return intervalMs % 1000 === 0 ? undefined : { intervalMs };
}

/** Most boards speak MQTT over TCP, some over WebSocket. */
function webSocketOf(random: SeededRandom): Partial<Settings> {
  if (random.chance(0.75)) return {};
  return { encryption: 'websocket', port: WEB_SOCKET_PORT, path: WEB_SOCKET_PATH };
}
