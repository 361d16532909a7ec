/** The numbers of the wire, beside the standards' own tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as constants from '../../../../firmware/mqtt/codec/constants.ts';

/** 5.0 table 2-1. */
const TYPES =
  'CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK ' +
  'PINGREQ PINGRESP DISCONNECT AUTH';

/** 5.0 table 2-4, by the standard's names. */
const PROPERTIES: readonly (readonly [number, string])[] = [
  [1, 'Payload Format Indicator'],
  [2, 'Message Expiry Interval'],
  [3, 'Content Type'],
  [8, 'Response Topic'],
  [9, 'Correlation Data'],
  [11, 'Subscription Identifier'],
  [17, 'Session Expiry Interval'],
  [18, 'Assigned Client Identifier'],
  [19, 'Server Keep Alive'],
  [21, 'Authentication Method'],
  [22, 'Authentication Data'],
  [23, 'Request Problem Information'],
  [24, 'Will Delay Interval'],
  [25, 'Request Response Information'],
  [26, 'Response Information'],
  [28, 'Server Reference'],
  [31, 'Reason String'],
  [33, 'Receive Maximum'],
  [34, 'Topic Alias Maximum'],
  [35, 'Topic Alias'],
  [36, 'Maximum QoS'],
  [37, 'Retain Available'],
  [38, 'User Property'],
  [39, 'Maximum Packet Size'],
  [40, 'Wildcard Subscription Available'],
  [41, 'Subscription Identifier Available'],
  [42, 'Shared Subscription Available'],
];

/** 5.0 table 2-6, those that a client has a use for. */
const REASONS: readonly (readonly [number, keyof typeof constants.Reason])[] = [
  [0, 'success'],
  [4, 'disconnectWithWill'],
  [24, 'continueAuthentication'],
  [25, 'reAuthenticate'],
  [128, 'unspecified'],
  [129, 'malformed'],
  [130, 'protocolError'],
  [132, 'unsupportedVersion'],
  [134, 'badCredentials'],
  [135, 'notAuthorized'],
  [140, 'badAuthenticationMethod'],
  [141, 'keepAliveTimeout'],
  [142, 'sessionTakenOver'],
  [144, 'topicNameInvalid'],
  [146, 'packetIdNotFound'],
  [147, 'receiveMaximumExceeded'],
  [148, 'topicAliasInvalid'],
  [149, 'packetTooLarge'],
  [156, 'useAnotherServer'],
  [157, 'serverMoved'],
];

test('packet types are numbered as both standards number them', () => {
  const named = constants as unknown as Readonly<Record<string, number>>;
  for (const [i, name] of TYPES.split(' ').entries()) assert.equal(named[name], i + 1, name);
});

test('properties have the identifiers of 5.0, and none is missing', () => {
  const own = Object.entries(constants.Property).map(([name, id]) => [id, name.toLowerCase()]);
  const expected = PROPERTIES.map(([id, name]) => {
    const short = name
      .replace('Identifier', 'Id')
      .replace(/^(Message Expiry|Session Expiry|Will Delay) Interval$/, '$1')
      .replace('Assigned Client Id', 'AssignedClientId')
      .replace('Payload Format Indicator', 'Payload Format');
    return [id, short.replaceAll(' ', '').toLowerCase()];
  });
  assert.deepEqual(own, expected);
});

test('reasons have the codes of 5.0', () => {
  assert.deepEqual(
    Object.fromEntries(REASONS.map(([code, name]) => [name, code])),
    Object.fromEntries(Object.entries(constants.Reason)),
  );
});

test('a variable byte integer ends with 268,435,455', () => {
  assert.equal(constants.VARINT_MAX, 128 ** 4 - 1);
});
