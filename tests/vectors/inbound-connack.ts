/** The CONNACK packets of `inbound.ts`. */

import type { InboundVector } from './inbound.ts';

export const CONNACKS: readonly InboundVector[] = [
  {
    name: 'CONNACK that accepts',
    versions: [4],
    bytes: '20 02 00 00',
    fields: { type: 'CONNACK', sessionPresent: false, reason: 0 },
  },
  {
    name: 'CONNACK that accepts with a session',
    versions: [4],
    bytes: '20 02 01 00',
    fields: { type: 'CONNACK', sessionPresent: true, reason: 0 },
  },
  {
    name: 'CONNACK that refuses the user',
    versions: [4],
    bytes: '20 02 00 04',
    fields: { type: 'CONNACK', sessionPresent: false, reason: 4 },
  },
  {
    name: 'CONNACK that accepts',
    versions: [5],
    bytes: '20 03 01 00 00',
    fields: { type: 'CONNACK', sessionPresent: true, reason: 0 },
  },
  {
    name: 'CONNACK of a server that knows only 3.1.1',
    versions: [5],
    bytes: '20 02 00 01',
    fields: { type: 'CONNACK', sessionPresent: false, reason: 0x84 },
  },
  {
    name: 'CONNACK that sends the client elsewhere',
    versions: [5],
    bytes: '20 13 00 9c 10 1c 0003 622e63 1f 0002 6e6f 26 0000 0000',
    fields: {
      type: 'CONNACK',
      sessionPresent: false,
      reason: 0x9c,
      properties: { serverReference: 'b.c', reasonString: 'no', user: [['', '']] },
    },
  },
  {
    name: 'CONNACK with every limit',
    versions: [5],
    bytes: `20 30 00 00
            2d               ; 45 bytes of properties
            11 0000003c      ; session expiry
            21 0001          ; receive maximum
            24 00            ; maximum QoS
            25 00            ; retain available
            27 00010000      ; maximum packet size
            12 0002 6964     ; assigned client identifier
            22 ffff          ; topic alias maximum
            28 00 29 00 2a 00
            13 0005          ; server keep alive
            1a 0001 72       ; response information
            15 0001 6b       ; authentication method
            16 0000          ; authentication data`,
    fields: {
      type: 'CONNACK',
      sessionPresent: false,
      reason: 0,
      properties: {
        sessionExpiry: 60,
        assignedClientId: 'id',
        serverKeepAlive: 5,
        authenticationMethod: 'k',
        authenticationData: '',
        responseInformation: 'r',
        receiveMaximum: 1,
        topicAliasMaximum: 0xffff,
        maximumQos: 0,
        retainAvailable: 0,
        maximumPacketSize: 0x10000,
        wildcardSubscriptionAvailable: 0,
        subscriptionIdAvailable: 0,
        sharedSubscriptionAvailable: 0,
      },
    },
  },
];
