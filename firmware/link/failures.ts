/**
 * What went wrong on the link, in a stable name for machines and a plain sentence for people, with
 * the weight it has for the backoff. Data and lookups only; the supervisor decides.
 *
 * Names and words are constants, so recording a failure allocates nothing. An unknown code gets an
 * answer too, never an exception: it came from the network.
 */

import type { CloseReason } from '../ports.ts';
import type { Penalty } from './backoff.ts';
import type { ProtocolVersion } from './version-choice.ts';

/** One thing that can go wrong. */
export interface Failure {
  /** Stable; logs and JSON carry it. */
  readonly name: string;
  /** One sentence without a full stop. */
  readonly words: string;
  readonly penalty: Penalty;
}

/** Why an attempt or a connection ended, apart from what the broker said in a packet. */
export type EndCause =
  | CloseReason
  | 'protocol error'
  | 'broker not proven'
  | 'sign-in not understood'
  | 'acknowledgement timed out'
  | 'keep-alive timed out'
  | 'goodbye said';

/** Why the radio did not join, or was lost. */
export type WiFiCause = 'password refused' | 'not found' | 'no address' | 'lost' | 'timed out';

function failure(name: string, words: string, penalty: Penalty = 'normal'): Failure {
  return Object.freeze({ name, words, penalty });
}

const CAUSES: Readonly<Record<EndCause, Failure>> = Object.freeze({
  'closed by peer': failure('closed by peer', 'the broker closed the connection'),
  reset: failure('reset', 'the connection was reset'),
  refused: failure('refused', 'nothing listens on the port of the broker'),
  unreachable: failure('unreachable', 'there is no route to the broker'),
  'timed out': failure('timed out', 'the broker did not answer in time'),
  'certificate not trusted': failure(
    'certificate not trusted',
    'the certificate of the broker is not signed by a trusted authority',
  ),
  'certificate name mismatch': failure(
    'certificate name mismatch',
    'the certificate of the broker is for another name',
  ),
  'certificate expired': failure(
    'certificate expired',
    'the certificate of the broker has expired, or the clock is wrong',
  ),
  'certificate has no names': failure(
    'certificate has no names',
    'the certificate of the broker has a common name only: it needs a subjectAltName',
  ),
  'certificate not for servers': failure(
    'certificate not for servers',
    'the certificate of the broker, or its authority, is not for servers',
  ),
  'certificate not understood': failure(
    'certificate not understood',
    'the certificate of the broker, or its authority, has a critical limit that is not understood',
  ),
  'certificate algorithm': failure(
    'certificate algorithm',
    'the certificate of the broker needs RSA of 2048 to 4096 bits, P-256 or P-384, and SHA-256',
  ),
  'certificate malformed': failure(
    'certificate malformed',
    'the certificates of the broker are broken, too large or too many',
  ),
  'tls failed': failure('tls failed', 'no secure connection could be agreed with the broker'),
  'websocket refused': failure('websocket refused', 'the server refused WebSocket on this path'),
  'not websocket': failure(
    'not websocket',
    'what answers on this port does not speak WebSocket: check port and encryption',
  ),
  'websocket broken': failure('websocket broken', 'the server broke the rules of WebSocket'),
  'network lost': failure('network lost', 'the network under the connection was lost'),
  'local error': failure('local error', 'the board could not open a connection'),
  'protocol error': failure('protocol error', 'the broker sent something that MQTT forbids'),
  'broker not proven': failure(
    'broker not proven',
    'the broker did not prove that it knows the password',
    'final',
  ),
  'sign-in not understood': failure(
    'sign-in not understood',
    'the sign-in cannot be done',
    'final',
  ),
  'acknowledgement timed out': failure(
    'acknowledgement timed out',
    'the broker did not acknowledge a message in time',
  ),
  'keep-alive timed out': failure('keep-alive timed out', 'the broker went silent'),
  'clock not set': failure(
    'clock not set',
    'waiting for the time: certificates cannot be checked without it',
    'local',
  ),
  'goodbye said': failure('goodbye said', 'the board closed the connection'),
});

const WIFI: Readonly<Record<WiFiCause, Failure>> = Object.freeze({
  'password refused': failure(
    'wifi password refused',
    'the Wi-Fi network does not accept the password',
    'final',
  ),
  'not found': failure('wifi not found', 'the Wi-Fi network is not in reach'),
  'no address': failure('wifi no address', 'the Wi-Fi network gave no address'),
  lost: failure('wifi lost', 'the Wi-Fi network was lost'),
  'timed out': failure('wifi timed out', 'joining the Wi-Fi network took too long'),
});

/** MQTT 3.1.1, table 3.1: CONNACK return codes. */
const RETURN_CODES: Readonly<Record<number, Failure>> = Object.freeze({
  1: failure('unsupported version', 'the broker does not speak this MQTT version', 'final'),
  2: failure('client id refused', 'the broker does not accept this client id', 'final'),
  3: failure('server unavailable', 'the broker is not available at present', 'busy'),
  4: failure('bad credentials', 'the broker does not accept this user name or password', 'final'),
  5: failure('not authorised', 'the broker does not allow this device to connect', 'final'),
});

/** MQTT 5.0, 2.4: the reason codes that a server can put into CONNACK or DISCONNECT. */
const REASON_CODES: Readonly<Record<number, Failure>> = Object.freeze({
  0: failure('normal disconnection', 'the broker ended the connection'),
  128: failure('unspecified error', 'the broker gave no reason'),
  129: failure('malformed packet', 'the broker could not read a packet of this device'),
  130: failure('protocol error told', 'the broker says that this device broke the protocol'),
  131: failure('implementation error', 'the broker does not accept what this device sent'),
  132: RETURN_CODES[1],
  133: RETURN_CODES[2],
  134: RETURN_CODES[4],
  135: RETURN_CODES[5],
  136: RETURN_CODES[3],
  137: failure('server busy', 'the broker is busy', 'busy'),
  138: failure('banned', 'the broker has banned this client id or address', 'final'),
  139: failure('server shutting down', 'the broker is shutting down', 'busy'),
  140: failure('bad authentication method', 'the broker wants another authentication', 'final'),
  141: failure('keep-alive expired', 'the broker did not hear from this device in time'),
  142: failure('taken over', 'taken over by another client with the same id', 'slowed'),
  143: failure('topic filter invalid', 'the broker does not accept a topic filter'),
  144: failure('topic name invalid', 'the broker does not accept a topic name', 'final'),
  147: failure('receive maximum exceeded', 'the broker counts too many messages under way'),
  148: failure('topic alias invalid', 'the broker does not accept a topic alias'),
  149: failure('packet too large', 'a packet is larger than the broker accepts', 'final'),
  150: failure('message rate too high', 'the broker finds the message rate too high', 'busy'),
  151: failure('quota exceeded', 'a quota of the broker is used up', 'busy'),
  152: failure('administrative action', 'an administrator ended the connection', 'busy'),
  153: failure('payload format invalid', 'the broker does not accept a payload', 'final'),
  154: failure('retain not supported', 'the broker does not keep retained messages', 'final'),
  155: failure('qos not supported', 'the broker does not support this QoS', 'final'),
  156: failure('use another server', 'the broker asks to use another server', 'busy'),
  157: failure('server moved', 'the broker has moved to another server', 'busy'),
  158: failure('shared subscriptions not supported', 'the broker has no shared subscriptions'),
  159: failure('connection rate exceeded', 'the broker gets too many connections', 'busy'),
  160: failure('maximum connect time', 'the longest connection that the broker allows is over'),
  161: failure('subscription ids not supported', 'the broker has no subscription identifiers'),
  162: failure('wildcards not supported', 'the broker has no wildcard subscriptions'),
});

const CHARGES: readonly number[] = Object.freeze([
  0x80, 0x81, 0x82, 0x83, 0x87, 0x8f, 0x90, 0x94, 0x95, 0x99, 0x9a, 0x9b, 0x9e, 0xa1, 0xa2,
]);

const UNKNOWN_CODE = failure('unknown reason', 'the broker gave a reason that MQTT does not know');

/** By index of `MESSAGE_KIND_NAMES`: what the broker does not take from this device. */
const FORBIDDEN = Object.freeze([
  forbidden('status', 'its status'),
  forbidden('discovery', 'its announcement to Home Assistant'),
  forbidden('diagnostics', 'its diagnostics'),
  forbidden('responses', 'answers to commands'),
  forbidden('subscriptions', 'a subscription to its commands'),
  forbidden('settings', 'its settings'),
]);

function forbidden(name: string, what: string): Failure {
  const words = `the broker ends the connection at ${what}: left out for a while`;
  return failure(`${name} forbidden`, words);
}

/** What is said of failures that no code and no cause names. */
export const FAILURES = Object.freeze({
  none: failure('none', 'no failure yet'),
  nameUnknown: failure('name not found', 'the name of the broker could not be looked up'),
  nameTimedOut: failure('name timed out', 'looking up the name of the broker took too long'),
  noConnack: failure('no connack', 'the broker closed without answering CONNECT'),
  connackTimedOut: failure('connack timed out', 'the broker did not answer CONNECT in time'),
  redirectNotFollowed: failure(
    'redirect not followed',
    'the broker points to another server, and without TLS that is not followed',
    'busy',
  ),
  readingSetAside: failure(
    'reading set aside',
    'the broker does not take one of the readings: it is set aside, and tried again behind the rest',
  ),
  takenOver: REASON_CODES[142],
  takenOverProbably: failure(
    'taken over',
    'closed right after CONNACK again: taken over by another client with the same id, probably',
    'slowed',
  ),
});

/** What a cause means. */
export function failureOfCause(cause: EndCause): Failure {
  return CAUSES[cause] ?? CAUSES['local error'];
}

/** What it means that a kind of message was found to end connections; an index of `MESSAGE_KIND_NAMES`. */
export function failureOfKind(kind: number): Failure {
  return FORBIDDEN[kind];
}

/** What a failure of the radio means. */
export function failureOfWiFi(cause: WiFiCause): Failure {
  return WIFI[cause] ?? WIFI.lost;
}

/**
 * What a code of the broker means.
 * @param version 4: a return code of CONNACK in 3.1.1 form; 5: a reason code.
 */
export function failureOfCode(code: number, version: ProtocolVersion): Failure {
  return (version === 4 ? RETURN_CODES[code] : REASON_CODES[code]) ?? UNKNOWN_CODE;
}

/** Whether a code refuses the MQTT version itself, in either form. */
export function refusesVersion(code: number, version: ProtocolVersion): boolean {
  return version === 4 ? code === 1 : code === 0x84;
}

/**
 * Whether a reason code of DISCONNECT may be about what this device has just sent, as opposed to
 * the broker's own state, its load, or another client.
 */
export function isCharge(code: number): boolean {
  return CHARGES.indexOf(code) >= 0;
}

/** Whether a cause is about TLS rather than about reaching the broker. */
export function isTlsCause(cause: EndCause): boolean {
  return cause === 'tls failed' || cause.startsWith('certificate');
}

/** Whether a cause is about proving passwords, to which there is one answer in each version. */
export function isSignInCause(cause: EndCause): boolean {
  return cause === 'broker not proven' || cause === 'sign-in not understood';
}

/** Whether a cause means that nothing at all answered; Wi-Fi itself may then be dead. */
export function isSilence(cause: EndCause): boolean {
  return cause === 'timed out' || cause === 'unreachable';
}

/** Whether the other end closed, in order or not. */
export function isClose(cause: EndCause): boolean {
  return cause === 'closed by peer' || cause === 'reset';
}
