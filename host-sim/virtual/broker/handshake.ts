/**
 * From CONNECT to CONNACK: versions, identifiers, logins, enhanced authentication, take-over,
 * session state, and the ways in which a broker can refuse or misbehave here.
 */

import type { IAuthPacket, IConnackPacket, IConnectPacket, Packet } from 'mqtt-packet';
import type { Client } from './client.ts';
import { NEVER_EXPIRES_S, passedOn, type Session, type Will } from './session.ts';
import { returnCodeOf } from './settings.ts';

const CONNACK_RETURN_CODE_1 = Uint8Array.of(0x20, 2, 0, 1);
const CONNACK_REASON_0X84 = Uint8Array.of(0x20, 3, 0, 0x84, 0);
const GARBAGE_BYTES = 32;

export class Handshake {
  readonly #client: Client;
  #connect: IConnectPacket | undefined;
  #round = 0;
  #authData: Uint8Array | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Answers a version that this broker does not speak, the way the settings say. */
  refuseVersion(asked: number): void {
    const { limits } = this.#client;
    this.#client.note('info', 'MQTT-3.1.2-2', `protocol level ${asked} refused`);
    if (limits.versionRefusal === 'return code') {
      this.#client.sendBytes(CONNACK_RETURN_CODE_1, 'connack');
      this.#client.record.reason = 0x84;
    } else if (limits.versionRefusal === 'reason code') {
      this.#client.sendBytes(CONNACK_REASON_0X84, 'connack');
      this.#client.record.reason = 0x84;
    }
    this.#client.finish('close', `broker: protocol level ${asked} refused`);
  }

  /** A packet before CONNACK: CONNECT first, then only AUTH (and DISCONNECT) may follow. */
  handle(packet: Packet): void {
    if (packet.cmd === 'connect' && this.#connect === undefined) this.#start(packet);
    else if (packet.cmd === 'auth' && this.#round > 0) this.#authenticate(packet);
    else if (packet.cmd === 'disconnect') this.#client.finish('close', 'client: DISCONNECT');
    else {
      const text = `${packet.cmd} before CONNACK`;
      this.#client.violate({ rule: 'MQTT-3.1.4-6', text, reason: 0x82 });
    }
  }

  #start(connect: IConnectPacket): void {
    const client = this.#client;
    this.#connect = connect;
    client.record.clientId = connect.clientId;
    client.record.cleanStart = connect.clean === true;
    client.record.keepAliveS = connect.keepalive ?? 0;
    const fate = client.core.faults.connect;
    if (fate === 'mute') return;
    if (fate === 'close' || fate === 'reset') {
      client.finish(fate, `broker: ${fate} instead of CONNACK`);
    } else if (fate === 'garbage') {
      const bytes = new Uint8Array(GARBAGE_BYTES);
      client.core.random.fill(bytes);
      client.sendBytes(bytes, 'garbage');
    } else if (fate !== 'answer') this.#refuse(fate.refuse, fate.serverReference);
    else this.#check(connect);
  }

  #check(connect: IConnectPacket): void {
    const { limits } = this.#client;
    const refusal = this.#refusalOf(connect);
    const method = connect.properties?.authenticationMethod;
    if (refusal !== 0) this.#refuse(refusal);
    else if (method === undefined) this.#accept();
    else if (limits.authMethod?.method !== method) this.#refuse(0x8c);
    else this.#stepAuthentication(connect.properties?.authenticationData);
  }

  /** The reason not to let this client in, or 0. */
  #refusalOf({ clean, clientId, password, username, will }: IConnectPacket): number {
    const { limits, version } = this.#client;
    if (clientId === '' && version === 4 && !clean) {
      const text = 'no client identifier without a clean session';
      this.#client.note('violation', 'MQTT-3.1.3-7', text);
      return 0x85;
    }
    if ((will?.qos ?? 0) > limits.maximumQos) return 0x9b;
    if (will?.retain && !limits.retainAvailable) return 0x9a;
    return limits.authenticate({ clientId, username, password, version });
  }

  #authenticate(packet: IAuthPacket): void {
    const { properties, reasonCode } = packet;
    const method = this.#connect?.properties?.authenticationMethod;
    if (reasonCode !== 0x18 || properties?.authenticationMethod !== method) {
      const text = 'AUTH with another method or reason than this exchange has';
      this.#client.violate({ rule: 'MQTT-4.12.0-5', text, reason: 0x82 });
      return;
    }
    this.#stepAuthentication(properties?.authenticationData);
  }

  #stepAuthentication(data: Uint8Array | undefined): void {
    const { limits, clientId } = this.#client;
    const step = limits.authMethod?.step(this.#round, data, clientId);
    this.#round += 1;
    if (step === undefined || step.result === 'refuse') this.#refuse(step?.reason ?? 0x8c);
    else if (step.result === 'success') {
      this.#authData = step.data;
      this.#accept();
      if (step.trailing !== undefined) this.#challenge(step.trailing);
    } else if (step.result === 'continue') this.#challenge(step.data);
  }

  #challenge(data: Uint8Array | undefined): void {
    const authenticationMethod = this.#client.limits.authMethod?.method;
    const authenticationData = data && Buffer.from(data);
    const properties = { authenticationMethod, authenticationData };
    this.#client.send({ cmd: 'auth', reasonCode: 0x18, properties });
  }

  #refuse(reasonCode: number, serverReference?: string): void {
    const client = this.#client;
    client.record.reason = reasonCode;
    const { reasonString } = client.limits;
    const properties: IConnackPacket['properties'] = {};
    if (serverReference !== undefined) properties.serverReference = serverReference;
    if (reasonString !== undefined) properties.reasonString = reasonString;
    const returnCode = returnCodeOf(reasonCode);
    client.send({ cmd: 'connack', sessionPresent: false, reasonCode, returnCode, properties });
    client.finish('close', `broker: refused with 0x${reasonCode.toString(16)}`);
  }

  #accept(): void {
    const client = this.#client;
    const connect = this.#connect as IConnectPacket;
    const { core, version } = client;
    const isAssigned = connect.clientId === '';
    if (isAssigned) client.record.clientId = `assigned-${client.record.number}`;
    core.online.get(client.clientId)?.takeOver();
    const { session, present } = core.openSession(client.clientId, connect.clean === true);
    session.expiryS = this.#expiryOf(connect);
    session.will = willOf(connect, client.clientId);
    session.ledger.begin(client.record.number, present);
    client.receiveMaximum = connect.properties?.receiveMaximum ?? 65535;
    client.packetBytesMax = connect.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    client.topicAliasMaximum = connect.properties?.topicAliasMaximum ?? 0;
    client.wantsProblemInformation = connect.properties?.requestProblemInformation !== false;
    client.record.reason = 0;
    client.record.sessionPresent = present !== core.faults.liesAboutSession;
    const connack: IConnackPacket = {
      cmd: 'connack',
      sessionPresent: client.record.sessionPresent,
      reasonCode: 0,
      returnCode: 0,
    };
    if (version === 5) connack.properties = this.#propertiesFor(session, isAssigned);
    const serverKeepAliveS = version === 5 ? client.limits.serverKeepAliveS : undefined;
    client.record.keepAliveS = serverKeepAliveS ?? connect.keepalive ?? 0;
    client.goOnline(session, client.record.keepAliveS);
    client.send(connack);
    client.outbound.resume();
  }

  #expiryOf(connect: IConnectPacket): number {
    if (this.#client.version === 4) return connect.clean ? 0 : NEVER_EXPIRES_S;
    const asked = connect.properties?.sessionExpiryInterval ?? 0;
    return Math.min(asked, this.#client.limits.sessionExpirySMax);
  }

  #propertiesFor(session: Session, isAssigned: boolean): IConnackPacket['properties'] {
    const { limits } = this.#client;
    const asked = this.#connect?.properties;
    const told: IConnackPacket['properties'] = { sharedSubscriptionAvailable: false };
    if (session.expiryS !== (asked?.sessionExpiryInterval ?? 0)) {
      told.sessionExpiryInterval = session.expiryS;
    }
    if (limits.receiveMaximum < 65535) told.receiveMaximum = limits.receiveMaximum;
    if (limits.maximumQos < 2) told.maximumQoS = limits.maximumQos;
    if (!limits.retainAvailable) told.retainAvailable = false;
    if (Number.isFinite(limits.maximumPacketSize)) {
      told.maximumPacketSize = limits.maximumPacketSize;
    }
    if (isAssigned) told.assignedClientIdentifier = session.clientId;
    if (limits.topicAliasMaximum > 0) told.topicAliasMaximum = limits.topicAliasMaximum;
    if (limits.reasonString !== undefined) told.reasonString = limits.reasonString;
    if (limits.userProperties !== undefined) told.userProperties = limits.userProperties;
    if (!limits.wildcardsAvailable) told.wildcardSubscriptionAvailable = false;
    if (!limits.subscriptionIdentifiersAvailable) told.subscriptionIdentifiersAvailable = false;
    if (limits.serverKeepAliveS !== undefined) told.serverKeepAlive = limits.serverKeepAliveS;
    if (asked?.requestResponseInformation && limits.responseInformation !== undefined) {
      told.responseInformation = limits.responseInformation;
    }
    if (asked?.authenticationMethod !== undefined) {
      told.authenticationMethod = asked.authenticationMethod;
      if (this.#authData !== undefined) told.authenticationData = Buffer.from(this.#authData);
    }
    return told;
  }
}

function willOf(connect: IConnectPacket, clientId: string): Will | undefined {
  const { will } = connect;
  if (will === undefined) return undefined;
  const payload = Uint8Array.from(will.payload as Buffer);
  const message = {
    topic: will.topic,
    payload,
    qos: will.qos ?? 0,
    retain: will.retain === true,
    properties: passedOn(will.properties),
    clientId,
  };
  const expiryS = will.properties?.messageExpiryInterval;
  return { message, expiryS, delayS: will.properties?.willDelayInterval ?? 0 };
}
