/** What the views show: plain data that the fleet fills and nobody else changes. */

/** As `Device.counters`. */
export interface Counters {
  readonly accepted: number;
  readonly published: number;
  readonly acknowledged: number;
  readonly dropped: number;
  readonly reconnects: number;
  /** Accepted and still to be delivered. */
  readonly waiting: number;
}

export type VersionName = '3.1.1' | '5.0';

/** One quantity as it was last sampled. */
export interface Value {
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
  readonly value: number;
}

/** One device. */
export interface Board {
  /** As its topics name it; before it is set up, as it was started. */
  id: string;
  state: string;
  online: boolean;
  /** Of the present connection, or of the last one; empty before the first. */
  version: VersionName | '';
  values: readonly Value[];
  /** The first quantity's last values, oldest first. */
  readonly history: number[];
  /** Why it is not connected; empty while it is, and before the first attempt ended. */
  reason: string;
  counters: Counters;
  /** Its set-up network, while that is open. */
  setUp: SetUp | undefined;
}

/** How to set a board up. */
export interface SetUp {
  /** Where its page answers on this machine. */
  readonly url: string;
  /** The broker that runs here, as a URL. */
  readonly broker: string;
  /** What to type: one line. */
  readonly hint: string;
}

export interface FleetModel {
  /** As topics name it. */
  id: string;
  /** Whether a button can be pressed. */
  readonly hasButton: boolean;
  /** The broker that the boards work with, or are to be set up for; as people read it. */
  broker: string;
  /** How to look at what is published, one command; empty when it would need credentials. */
  watch: string;
  readonly boards: readonly Board[];
  readonly startedAtMs: number;
  /** The last problem's line; empty for none. */
  problem: string;
  phase: 'running' | 'leaving' | 'over';
}

export const NO_COUNTS: Counters = Object.freeze({
  accepted: 0,
  published: 0,
  acknowledged: 0,
  dropped: 0,
  reconnects: 0,
  waiting: 0,
});

/** How many values a history keeps. */
export const HISTORY_MAX = 48;

/** All boards' counters added up. */
export function totals(boards: readonly Board[]): Counters {
  const sum = { ...NO_COUNTS };
  for (const { counters } of boards) {
    sum.accepted += counters.accepted;
    sum.published += counters.published;
    sum.acknowledged += counters.acknowledged;
    sum.dropped += counters.dropped;
    sum.reconnects += counters.reconnects;
    sum.waiting += counters.waiting;
  }
  return sum;
}

/** What is told as it happens. `finished` is the last call. */
export interface View {
  /** `model.broker` is known, or another one. */
  brokerNamed(): void;
  connected(board: Board, sessionPresent: boolean): void;
  published(board: Board, topic: string, sequence: number): void;
  acknowledged(board: Board, topic: string, sequence: number): void;
  disconnected(board: Board, reason: string): void;
  sampled(board: Board): void;
  /** `board.setUp` has changed. @param reason why its set-up network closed; empty when it opened */
  setUp(board: Board, reason: string): void;
  /** Settings from afar were tried. @param failure why the board went back; empty: it took them */
  settingsTried(board: Board, failure: string): void;
  /** An MQTT packet went by. @param text as a line */
  packet(board: Board, text: string): void;
  /** One line about something that went wrong. */
  problem(line: string): void;
  finished(): void;
}
