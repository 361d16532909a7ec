/** Property names of `mqtt-packet` beside our own, and the values of one as those of the other. */

import { hex, toHex } from './mqtt-bytes.ts';
import type { PropertyFields } from './mqtt-fields.ts';

/** Where the two differ in name. */
const PEER_NAMES: Readonly<Record<string, string>> = Object.freeze({
  payloadFormat: 'payloadFormatIndicator',
  messageExpiry: 'messageExpiryInterval',
  subscriptionId: 'subscriptionIdentifier',
  sessionExpiry: 'sessionExpiryInterval',
  assignedClientId: 'assignedClientIdentifier',
  willDelay: 'willDelayInterval',
  maximumQos: 'maximumQoS',
  subscriptionIdAvailable: 'subscriptionIdentifiersAvailable',
  user: 'userProperties',
});
const OWN_NAMES = Object.fromEntries(Object.entries(PEER_NAMES).map(([own, peer]) => [peer, own]));
const BOOLEANS: readonly string[] = Object.freeze([
  'payloadFormat',
  'requestResponseInformation',
  'retainAvailable',
  'wildcardSubscriptionAvailable',
  'subscriptionIdAvailable',
  'sharedSubscriptionAvailable',
]);
const DATA: readonly string[] = Object.freeze(['correlationData', 'authenticationData']);

type Pair = readonly [string, string];

function peerUsers(pairs: readonly Pair[]): Record<string, string[]> {
  const users: Record<string, string[]> = {};
  for (const [name, value] of pairs) users[name] = [...(users[name] ?? []), value];
  return users;
}

/** Properties as `mqtt-packet` takes them; binary data is hex on this side. */
export function peerProperties(own: PropertyFields): Record<string, unknown> {
  const peer: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(own)) {
    const peerName = PEER_NAMES[name] ?? name;
    if (name === 'user') peer[peerName] = peerUsers(value as Pair[]);
    else if (DATA.includes(name)) peer[peerName] = Buffer.from(hex(value as string));
    else peer[peerName] = BOOLEANS.includes(name) ? value === 1 : value;
  }
  return peer;
}

/** Properties as `mqtt-packet` gives them, in this project's names and shapes. */
export function ownProperties(peer: object | undefined): PropertyFields {
  const own: PropertyFields = {};
  for (const [peerName, value] of Object.entries(peer ?? {})) {
    const name = OWN_NAMES[peerName] ?? peerName;
    if (name === 'user') {
      own.user = Object.entries(value as Record<string, string | string[]>).flatMap(
        ([key, found]) => [found].flat().map((text) => [key, text]),
      );
    } else if (DATA.includes(name)) own[name] = toHex(value as Uint8Array);
    else own[name] = BOOLEANS.includes(name) ? Number(value) : value;
  }
  return own;
}
