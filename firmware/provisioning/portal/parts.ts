/** What a portal is made of, what it tells its owner, and how it can end. */

import type { Clock, Datagrams, KeyValue, Listener, Radio, Random, WiFi } from '../../ports.ts';
import type { RequestHandler } from '../http/request.ts';
import type { Finding, PortalModel } from '../model.ts';
import type { Check, CheckObserver, SettingsDoor } from './doors.ts';

/** Why a portal has ended. */
export type PortalEnd =
  /** Settings were saved. */
  | 'saved'
  /** The saved Wi-Fi can be joined again. */
  | 'wifi is back'
  /** Nobody used the page, and there are settings to go on with. */
  | 'idle'
  /** Everything was erased on demand. */
  | 'reset';

/** What the portal tells its owner. */
export interface PortalHandler {
  /** The portal is closed: servers, access point and radio are given up. Once, from inside `wake`. */
  finished(end: PortalEnd): void;
  /** Everything that can be done now is done: the alarm may be set. */
  idle(): void;
}

export interface PortalParts<S> {
  readonly clock: Clock;
  readonly random: Random;
  readonly radio: Radio;
  readonly listener: Listener;
  readonly datagrams: Datagrams;
  /** Keeps the secret behind the password of the set-up network, under `ap-secret`. */
  readonly values: KeyValue;
  readonly settings: SettingsDoor<S>;
  /** Makes a check; the portal starts it. */
  check(settings: S, observer: CheckObserver): Check;
  /** Makes page and probes for this portal. */
  routes(model: PortalModel): RequestHandler;
  /** For the foot of the page. */
  information(): readonly (readonly [name: string, value: string])[];
  /** The sensors as a check last found them; undefined before. */
  findings(): readonly Finding[] | undefined;
  /** The station of the saved network, where it is to be tried in the background. */
  readonly saved?: WiFi;
  /** Milliseconds before it is first tried; default 0. */
  readonly savedAfterMs?: number;
  readonly handler: PortalHandler;
}
