/** The CONNECT packets of `outbound.ts`. */

import { hex, utf8 } from '../support/mqtt-bytes.ts';
import type { OutboundVector } from './outbound.ts';

const connect = { type: 'CONNECT', clientId: 'm', cleanStart: true, keepAliveS: 60 } as const;

export const CONNECTS: readonly OutboundVector[] = [
  {
    name: 'CONNECT with nothing but an identifier',
    versions: [4],
    packet: connect,
    bytes: `10 0d            ; CONNECT, 13 bytes
            0004 4d515454 04 ; MQTT, level 4
            02 003c          ; clean session; 60 s
            0001 6d          ; m`,
  },
  {
    name: 'CONNECT with nothing but an identifier',
    versions: [5],
    packet: connect,
    bytes: `10 0e
            0004 4d515454 05 ; MQTT, version 5
            02 003c          ; clean start; 60 s
            00               ; no properties
            0001 6d`,
  },
  {
    name: 'CONNECT with an empty identifier, nothing clean and no keep-alive',
    versions: [5],
    packet: { type: 'CONNECT', clientId: '', cleanStart: false, keepAliveS: 0 },
    bytes: '10 0d 0004 4d515454 05 00 0000 00 0000',
  },
  {
    name: 'CONNECT with will, user name and password',
    versions: [4],
    packet: {
      ...connect,
      cleanStart: false,
      username: 'u',
      password: hex('00ff'),
      will: { topic: 'w', payload: utf8('x'), qos: 1, retain: true },
    },
    bytes: `10 1a
            0004 4d515454 04
            ec 003c          ; user name, password, will retain, will QoS 1, will
            0001 6d
            0001 77 0001 78  ; will topic, will message
            0001 75          ; user name
            0002 00ff        ; password`,
  },
  {
    name: 'CONNECT with a will of QoS 2 that is empty and not retained',
    versions: [4],
    packet: { ...connect, will: { topic: 'w', payload: hex(''), qos: 2, retain: false } },
    bytes: '10 12 0004 4d515454 04 16 003c 0001 6d 0001 77 0000',
  },
  {
    name: 'CONNECT with every property that a client may set',
    versions: [5],
    packet: {
      ...connect,
      properties: {
        sessionExpiry: 0xffffffff,
        receiveMaximum: 16,
        maximumPacketSize: 1024,
        topicAliasMaximum: 4,
        requestResponseInformation: 1,
        authenticationMethod: 'k',
        authenticationData: hex('0102'),
        user: [
          ['a', 'b'],
          ['a', 'c'],
        ],
      },
    },
    bytes: `10 37
            0004 4d515454 05 02 003c
            29               ; 41 bytes of properties
            11 ffffffff      ; session expiry: never
            21 0010          ; receive maximum
            27 00000400      ; maximum packet size
            22 0004          ; topic alias maximum
            19 01            ; request response information
            15 0001 6b       ; authentication method k
            16 0002 0102     ; authentication data
            26 0001 61 0001 62 26 0001 61 0001 63
            0001 6d`,
  },
  {
    name: 'CONNECT with a will and every will property',
    versions: [5],
    packet: {
      ...connect,
      will: {
        topic: 'w',
        payload: utf8('x'),
        qos: 0,
        retain: false,
        properties: {
          willDelay: 5,
          payloadFormat: 1,
          messageExpiry: 60,
          contentType: 't',
          responseTopic: 'r',
          correlationData: hex('ff'),
          user: [['', '']],
        },
      },
    },
    bytes: `10 32
            0004 4d515454 05 06 003c 00
            0001 6d
            1d               ; 29 bytes of will properties
            18 00000005      ; will delay
            01 01            ; payload format: text
            02 0000003c      ; message expiry
            03 0001 74       ; content type
            08 0001 72       ; response topic
            09 0001 ff       ; correlation data
            26 0000 0000     ; user property
            0001 77 0001 78`,
  },
];
