/**
 * Checks of settings before they count: for the set-up page with a round of their sensors beside it,
 * for settings from afar without. Each is made of what the board at work is made of.
 */

import { Deadlines } from '../base/deadlines.ts';
import type { Settings } from '../config/fields.ts';
import type { DeviceConfig } from '../device/config.ts';
import { retainedTopics } from '../device/retained.ts';
import { wifiNetwork } from '../device/settings.ts';
import { SettingsCheck, type SettingsCheckParts } from '../device/settings-check.ts';
import type { WiFi } from '../ports.ts';
import type { Finding } from '../provisioning/model.ts';
import type { Check, CheckObserver } from '../provisioning/portal/doors.ts';
import type { NamedSensor } from '../sensors/probe.ts';
import type { TimeService } from '../time/time-service.ts';
import { TimedWiFi } from '../wifi/timed-wifi.ts';
import { CheckWithSensors } from './check-with-sensors.ts';
import type { MotePorts } from './ports.ts';
import type { MoteMemory } from './saved-values.ts';
import { sensorsOf } from './sensors.ts';

const NTP_PORT = 123;

export class SettingsChecks {
  /** What the sensors gave when settings were last tried. */
  findings: readonly Finding[] | undefined;
  private readonly ports: MotePorts;
  private readonly memory: MoteMemory;
  private readonly time: TimeService | undefined;
  private readonly configOf: (settings: Settings) => DeviceConfig;

  /** @param time undefined: the clock is right by itself */
  constructor(
    ports: MotePorts,
    memory: MoteMemory,
    time: TimeService | undefined,
    configOf: (settings: Settings) => DeviceConfig,
  ) {
    this.ports = ports;
    this.memory = memory;
    this.time = time;
    this.configOf = configOf;
  }

  /** The way into the settings' network; with it the time is asked for. */
  station(settings: Settings): WiFi {
    const { radio, time } = this.ports;
    const station = radio.station(wifiNetwork(settings));
    const server = time?.server ?? { host: settings.timeServer, port: NTP_PORT };
    return this.time === undefined ? station : new TimedWiFi(station, this.time, server);
  }

  /** @throws ConfigError when the settings cannot be sent at all */
  withSensors(settings: Settings, observer: CheckObserver): Check {
    const deadlines = Deadlines.ofDevice();
    const check = this.plain(settings, observer, deadlines);
    const sensors = this.sensors(settings);
    return new CheckWithSensors(check, sensors, this.ports.clock, deadlines, (findings) => {
      this.findings = findings;
    });
  }

  /** @throws as above */
  plain(settings: Settings, observer: CheckObserver, deadlines = Deadlines.ofDevice()): Check {
    const signedIn: CheckObserver = {
      stage: (stage) => observer.stage(stage),
      changed: () => observer.changed(),
      ended: (failure, stage) => {
        if (failure === undefined) this.memory.hasSession = true;
        observer.ended(failure, stage);
      },
    };
    return new SettingsCheck(this.partsOf(settings, this.configOf(settings), signedIn, deadlines));
  }

  /** Has a broker that the board has left forget what it retains. @throws as above */
  farewell(settings: Settings, observer: CheckObserver): Check {
    const config = { ...this.configOf(settings), cleanStart: true, sessionExpiryS: 0 };
    const parts = this.partsOf(settings, config, observer, Deadlines.ofDevice());
    return new SettingsCheck({ ...parts, forgotten: retainedTopics(config) });
  }

  private partsOf(
    settings: Settings,
    config: DeviceConfig,
    observer: CheckObserver,
    deadlines: Deadlines,
  ): SettingsCheckParts {
    const { clock, random, scram } = this.ports;
    const network = this.ports.networks(settings)[config.broker.scheme];
    const wifi = this.station(settings);
    return { clock, random, scram, network, wifi, config, observer, deadlines };
  }

  /** What is found is remembered once it works, and a bus that fails fails no check. */
  private sensors(settings: Settings): readonly NamedSensor[] {
    try {
      return sensorsOf(this.ports, { sensors: [] }, settings, settings.intervalS * 1000);
    } catch {
      return [];
    }
  }
}
