/**
 * What a board may have to do at a boot before it works, by the way that the set-up page's check
 * goes: it tries settings from afar, or says farewell at a broker or a topic that it has left, where
 * what it retained would stand for ever. Whatever comes of either, the board starts anew.
 */

import type { Settings } from '../config/fields.ts';
import type { DeviceConfig } from '../device/config.ts';
import type { Check, CheckObserver } from '../provisioning/portal/doors.ts';
import type { SettingsChecks } from './checks.ts';
import type { MoteObserver } from './ports.ts';
import type { RemoteSettings } from './remote-settings.ts';
import type { MoteMemory } from './saved-values.ts';
import type { MoteSettings } from './settings.ts';

/** A farewell that a power cut or a crash ends is begun again, so many times in all. */
const FAREWELLS_MAX = 2;

/** What visits need of the board. */
export interface VisitParts {
  readonly settings: MoteSettings;
  readonly remote: RemoteSettings;
  readonly memory: MoteMemory;
  readonly checks: SettingsChecks;
  readonly observer: MoteObserver;
  readonly configOf: (settings: Settings) => DeviceConfig;
  /** A visit's deadline may have changed. */
  readonly changed: () => void;
  /** The visit is over: the board is to start anew. */
  readonly ended: () => void;
}

export class Visits {
  /** What is under way, in a word. */
  state: 'trying' | 'parting' = 'trying';
  private readonly parts: VisitParts;

  constructor(parts: VisitParts) {
    this.parts = parts;
  }

  /** @returns the visit of this boot, not yet started; undefined: the board can go to work */
  begin(): Check | undefined {
    const { remote } = this.parts;
    const tried = remote.isTrying ? remote.begin() : undefined;
    return tried === undefined ? this.part() : this.tryOut(tried);
  }

  /** Settings from afar are tried before they count. */
  private tryOut(settings: Settings): Check | undefined {
    const { remote, checks, observer } = this.parts;
    this.tell('trying');
    const watch = this.watch((failure, stage) => {
      remote.ended(settings, failure, stage);
      observer.settingsTried?.(failure === undefined ? '' : `${stage}: ${failure}`);
    });
    try {
      return checks.plain(settings, watch);
    } catch {
      // They cannot even be sent.
      remote.ended(settings, 'sign-in refused', 'sign in');
      return undefined;
    }
  }

  /** Takes back what the board has told at the place that it was at before. */
  private part(): Check | undefined {
    const { memory, settings, checks, configOf } = this.parts;
    const { farewells } = memory;
    const left = settings.before();
    if (farewells === 0) return undefined;
    const done = () => {
      memory.farewells = 0;
    };
    if (left === undefined || farewells > FAREWELLS_MAX) {
      done();
      return undefined;
    }
    memory.farewells = farewells + 1;
    this.tell('parting');
    try {
      const { host, port } = configOf(left).broker;
      return checks.farewell(
        left,
        this.watch(() => {
          memory.announce(`${host}:${port}`, '');
          done();
        }),
      );
    } catch {
      done();
      return undefined;
    }
  }

  private watch(ended: CheckObserver['ended']): CheckObserver {
    const { parts } = this;
    return {
      stage: () => {},
      changed: () => parts.changed(),
      ended: (failure, stage) => {
        ended(failure, stage);
        parts.ended();
      },
    };
  }

  private tell(state: Visits['state']): void {
    this.state = state;
    this.parts.observer.state?.(state);
  }
}
