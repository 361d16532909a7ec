/** Gathers what the device's diagnostics say from its parts, at the moment of a report. */

import { decodeUtf8 } from '../base/utf8.ts';
import { MESSAGE_KIND_NAMES } from '../link/kind-trial.ts';
import type { Supervisor } from '../link/supervisor.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock } from '../ports.ts';
import type { Between } from '../telemetry/between.ts';
import type { Diagnostics } from '../telemetry/diagnostics.ts';
import type { Sampler } from '../telemetry/sampler.ts';
import type { DeviceAlarms } from './alarms.ts';
import type { DeviceConfig } from './config.ts';
import type { DevicePorts } from './ports.ts';

const DAY_MS = 86_400_000;
/** A client certificate that is valid for less is told of. */
const CERTIFICATE_DAYS = 30;

/** The parts that a report asks. */
export interface ReportedParts {
  readonly config: DeviceConfig;
  readonly ports: DevicePorts;
  readonly supervisor: Supervisor;
  readonly sampler: Sampler;
  readonly between: Between | undefined;
  readonly alarms: DeviceAlarms | undefined;
}

/** @param uptimeMs milliseconds since this boot */
export function diagnosticsOf(parts: ReportedParts, uptimeMs: number): Diagnostics {
  const { config, ports, supervisor, sampler, between, alarms } = parts;
  const { outbox, clock, memory } = ports;
  const { figures } = supervisor;
  const wifi = ports.wifi.link();
  const aside = setAside(outbox);
  const oldest = outbox.loadOldest() ? outbox.record : undefined;
  const known = oldest !== undefined && oldest.quality !== 0;
  return {
    firmwareVersion: config.firmwareVersion,
    boots: config.boot,
    resetReason: ports.power.resetReason,
    uptimeMs,
    rssi: wifi?.rssi,
    channel: wifi?.channel,
    bssid: wifi?.bssid,
    freeBytes: memory.freeBytes(),
    freeBytesMin: memory.freeBytesMin(),
    reconnects: figures.reconnects,
    takeovers: figures.takeovers,
    leftOut: leftOut(supervisor),
    lastError: figures.lastErrorKind === 'none' ? undefined : figures.lastError.words,
    outboxDepth: outbox.depth,
    setAside: aside,
    oldestAgeMs: known ? Math.max(0, clock.wall() - oldest.at) : undefined,
    dropped: outbox.dropped + outbox.oversized,
    oversized: outbox.oversized === 0 ? undefined : outbox.oversized,
    refused: outbox.refused,
    missedSamples: sampler.missedTicks,
    unchanged: between?.hasChanges ? between.unchanged : undefined,
    timeQuality: clock.quality(),
    certificateDays: certificateDays(config, clock),
    learning: alarms?.learning,
    alarmsMissing: alarms?.missing,
  };
}

/** Undefined: there is none, it is valid for long, or nobody knows the time. */
function certificateDays({ certificateEndsAt }: DeviceConfig, clock: Clock): number | undefined {
  const days = Math.floor((certificateEndsAt - clock.wall()) / DAY_MS);
  return days < CERTIFICATE_DAYS && clock.quality() !== 'none' ? days : undefined;
}

/** The numbers of the readings that are set aside; undefined for none. */
function setAside(outbox: Outbox): string | undefined {
  let numbers = '';
  for (let i = 0; i < outbox.aside; i++) {
    if (outbox.loadAside(i)) numbers += `${numbers === '' ? '' : ','}${outbox.record.sequence}`;
  }
  return numbers === '' ? undefined : numbers;
}

/** The kinds of messages that this broker does not take, by name; undefined for none. */
function leftOut({ kinds }: Supervisor): string | undefined {
  let names = '';
  for (let kind = 0; kind < MESSAGE_KIND_NAMES.length; kind++) {
    if (kinds.isLeftOut(kind)) names += `${names === '' ? '' : ','}${MESSAGE_KIND_NAMES[kind]}`;
  }
  return names === '' ? undefined : names;
}

/**
 * Why a connection has ended, for the log.
 * @param detail the broker's words; left out where they contain the password
 */
export function endOf(words: string, detail: string, { password }: DeviceConfig): string {
  const secret = password === undefined ? '' : decodeUtf8(password, 0, password.length);
  const isEcho = secret !== '' && detail.includes(secret);
  return detail === '' || isEcho ? words : `${words}: ${detail}`;
}
