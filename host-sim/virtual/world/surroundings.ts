/** What a board needs of the world that it is in, and how one is made. Interfaces only. */

import type { Settings } from '../../../firmware/config/fields.ts';
import type { DeviceConfig } from '../../../firmware/device/config.ts';
import type { Air } from '../datagrams.ts';
import type { EventQueue } from '../event-queue.ts';
import type { VirtualFlash } from '../flash.ts';
import type { LinkConditions } from '../link.ts';
import type { Internet } from '../network.ts';
import type { SeededRandom } from '../random.ts';
import type { VirtualTimeServer } from '../time-server.ts';
import type { TlsServer } from '../tls.ts';
import type { Board } from './board.ts';
import type { StateHash } from './state-hash.ts';
import type { Trace } from './trace.ts';

export interface Surroundings {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly internet: Internet;
  /** Carries datagrams. */
  readonly air: Air;
  readonly timeServer: VirtualTimeServer;
  readonly hash: StateHash;
  /** Undefined in a world without TLS. */
  readonly tls: TlsServer | undefined;
  /** Undefined: nobody looks. */
  readonly trace: Trace | undefined;
  /** A board's counts are to be compared after this step. */
  touch(board: Board): void;
  /** A rule is broken: the run ends after this step. */
  violate(rule: string, text: string, cause?: unknown): void;
  /** Something worth a line in the trace happened; it is part of the hash. */
  note(what: string, text: string): void;
  /** A flash of the same shape, to mount copies on; its contents are nobody's. */
  copyOf(flash: VirtualFlash): VirtualFlash;
}

/** What differs from board to board. */
export interface BoardMake {
  readonly id: string;
  readonly index: number;
  /** As it was set up. */
  readonly settings: Settings;
  /** What no settings can say; such a board has the rest from there too, and refuses `setup`. */
  readonly config: Partial<DeviceConfig> | undefined;
  readonly link: Partial<LinkConditions>;
  readonly flashBlocks: number;
  readonly driftPpm: number;
  /** How long the power stays away after a cut inside a flash operation. */
  powerBackMs(random: SeededRandom): number;
}
