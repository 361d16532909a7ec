/** What the throughput benchmark measures, and what a client has to offer to be measured. */

/** One measurement's conditions. */
export interface Cell {
  /** MQTT's protocol level: 4 is 3.1.1. */
  readonly version: 4 | 5;
  /** QoS 1 messages on the way at most. */
  readonly window: number;
  readonly payloadBytes: number;
}

/** Where a client connects, and what it sends there. */
export interface ThroughputSettings extends Cell {
  readonly host: string;
  readonly port: number;
  /** 20 characters of ASCII. */
  readonly topic: string;
}

/** A stretch of sending at full speed, from the first write to the last PUBACK. */
export interface Slice {
  readonly acknowledged: number;
  readonly elapsedMs: number;
  /** Processor time of the client's process meanwhile. */
  readonly cpuMs: number;
}

/** A connected client that publishes on demand. */
export interface ThroughputClient {
  /**
   * Publishes at QoS 1 with a full window for about `durationMs`, refilling on every
   * acknowledgement, then waits until nothing is on the way any more.
   * @returns how many messages were acknowledged. Rejects when the connection fails.
   */
  run(durationMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Connects with a clean session; resolves after CONNACK. */
export type OpenClient = (settings: ThroughputSettings) => Promise<ThroughputClient>;

/** In the order in which they take turns. */
export const peers = ['bound', 'mqtt.js', 'mote'] as const;
export type Peer = (typeof peers)[number];
