/**
 * What the virtual broker is like (`BrokerSettings`) and how it misbehaves (`BrokerFaults`).
 * Both are plain records, read at the time of use: a change holds from the next packet on.
 */

import type { UserProperties } from 'mqtt-packet';
import type { Version } from './codec.ts';
import { ALLOW_ALL, type Policy } from './policy.ts';

/** What a client logs in with. */
export interface Login {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  version: Version;
}

/**
 * An answer of enhanced authentication: go on with data, succeed, or refuse with a reason. A broker
 * that misbehaves says nothing, or asks once more after it has accepted the client.
 */
export type AuthStep =
  | { result: 'continue'; data?: Uint8Array }
  | { result: 'success'; data?: Uint8Array; trailing?: Uint8Array }
  | { result: 'silence' }
  | { result: 'refuse'; reason: number };

/** One method of enhanced authentication (5.0, 4.12); called per CONNECT and AUTH. */
export interface AuthMethod {
  method: string;
  /** @param round 0 for CONNECT or a re-authentication's start, then counting up. */
  step(round: number, data: Uint8Array | undefined, clientId: string): AuthStep;
}

export interface BrokerSettings {
  versions: readonly Version[];
  /** How another version is refused; 'return code' is 1 in 3.1.1 form, as old brokers answer. */
  versionRefusal: 'return code' | 'reason code' | 'close';
  /** How many QoS 1 and 2 messages a 5.0 client may have in flight; 65535 is not announced. */
  receiveMaximum: number;
  /** Of packets from the client, in bytes; Infinity is not announced. */
  maximumPacketSize: number;
  topicAliasMaximum: number;
  maximumQos: 0 | 1 | 2;
  retainAvailable: boolean;
  wildcardsAvailable: boolean;
  subscriptionIdentifiersAvailable: boolean;
  /** Overrides the client's keep-alive in 5.0; undefined leaves it. */
  serverKeepAliveS: number | undefined;
  /** Upper bound of a session's life in seconds. */
  sessionExpirySMax: number;
  /** How many QoS 1 and 2 messages go out unacknowledged, at most the client's receive maximum. */
  outgoingWindow: number;
  /** How many messages a session keeps for a client; further ones are counted as dropped. */
  queueMax: number;
  /** Uses topic aliases towards clients that allow them. */
  usesTopicAliases: boolean;
  /** How long a connection may stay silent before CONNECT, in milliseconds. */
  connectWaitMs: number;
  reasonString: string | undefined;
  userProperties: UserProperties | undefined;
  responseInformation: string | undefined;
  /** 0, or a 5.0 reason code from 0x80 up; 3.1.1 gets the nearest return code. */
  authenticate: (login: Login) => number;
  authMethod: AuthMethod | undefined;
  /** What clients may not do at all, and how a connection ends at it. */
  policy: Policy;
  /** The SUBACK code for a filter: `asked`, less, or a reason from 0x80 up. */
  grant: (filter: string, asked: number, clientId: string) => number;
}

/** Acknowledgements and answers that `BrokerFaults.answer` decides on. */
export interface Answer {
  kind: 'puback' | 'pubrec' | 'pubcomp' | 'pubrel' | 'suback' | 'unsuback' | 'pingresp';
  clientId: string;
  /** 0 for PINGRESP. */
  packetId: number;
  /** Of the message acknowledged; '' for others. */
  topic: string;
}

/** What becomes of an answer: sent, never sent, sent later. */
export type AnswerFate = 'send' | 'drop' | { delayMs: number };

/** What happens to a CONNECT. */
export type ConnectFate =
  | 'answer'
  /** TCP is accepted, CONNACK never comes. */
  | 'mute'
  /** Closed without a CONNACK. */
  | 'close'
  /** Closed with a reset. */
  | 'reset'
  /** Random bytes come instead of a CONNACK. */
  | 'garbage'
  /** CONNACK with this 5.0 reason code (3.1.1: the nearest return code), then closed. */
  | { refuse: number; serverReference?: string };

/** How a connection ends: FIN, RST, or no word. */
export type EndHow = 'close' | 'reset' | 'vanish';

export interface BrokerFaults {
  connect: ConnectFate;
  /** Stall: accepts connections, reads nothing. */
  readsNothing: boolean;
  answer: (answer: Answer) => AnswerFate;
  /** What becomes of a PUBLISH that it cannot take: no answer, or the end of the connection. */
  poison: (topic: string, payload: Uint8Array, clientId: string) => 'none' | 'silence' | 'close';
  /** Reason code for PUBACK and PUBREC in 5.0; from 0x80 up the message is refused. */
  publishReason: (topic: string, clientId: string) => number;
  /** Ends each connection this long after its CONNACK; undefined: does not. */
  diesAfterMs: number | undefined;
  diesHow: EndHow;
  /** Sends half of the next packet of this kind, closes, and forgets about it; 'any' for all. */
  cutsNext: string | undefined;
  /** CONNACK says the opposite about the session. */
  liesAboutSession: boolean;
}

/** A broker without limits that accepts everybody, in 3.1.1 and 5.0. */
export const DEFAULT_SETTINGS: Readonly<BrokerSettings> = Object.freeze({
  versions: [4, 5] as const,
  versionRefusal: 'return code',
  receiveMaximum: 65535,
  maximumPacketSize: Number.POSITIVE_INFINITY,
  topicAliasMaximum: 0,
  maximumQos: 2,
  retainAvailable: true,
  wildcardsAvailable: true,
  subscriptionIdentifiersAvailable: true,
  serverKeepAliveS: undefined,
  sessionExpirySMax: 0xffff_ffff,
  outgoingWindow: 20,
  queueMax: 1000,
  usesTopicAliases: true,
  connectWaitMs: 30_000,
  reasonString: undefined,
  userProperties: undefined,
  responseInformation: undefined,
  authenticate: () => 0,
  authMethod: undefined,
  policy: ALLOW_ALL,
  grant: (_filter: string, asked: number) => asked,
});

export const NO_FAULTS: Readonly<BrokerFaults> = Object.freeze({
  connect: 'answer',
  readsNothing: false,
  answer: () => 'send' as const,
  poison: () => 'none' as const,
  publishReason: () => 0,
  diesAfterMs: undefined,
  diesHow: 'close',
  cutsNext: undefined,
  liesAboutSession: false,
});

/** The 3.1.1 return code nearest to a 5.0 reason code. */
export function returnCodeOf(reason: number): number {
  const codes: Record<number, number> = { 0: 0, 132: 1, 133: 2, 134: 4, 135: 5, 140: 5 };
  return codes[reason] ?? 3;
}
