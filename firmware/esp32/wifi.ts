/** One station of the radio: the port under `board/station.ts`. */

import type Native from 'mc/ffi';
// biome-ignore lint/style/useNodejsImportProtocol: a module of Moddable, not of Node
import Net from 'net';
import WiFi, { type Join } from 'wifi';
import { addressBytes } from '../board/addresses.ts';
import { Station, type StationStep } from '../board/station.ts';
import type { Alarm, Clock, WiFiHandler, WiFiNetwork, WiFi as WiFiPort } from '../ports.ts';
import { BoardAlarm } from './alarm.ts';
import { setAddress } from './fixed-address.ts';

export class BoardStation implements WiFiPort {
  private readonly network: WiFiNetwork;
  private readonly native: Native;
  private readonly take: (station: BoardStation) => void;
  private readonly station = new Station();
  private readonly alarm: Alarm;
  private readonly clock: Clock;
  private handler: WiFiHandler | undefined;

  /** @param take makes this the radio's one station */
  constructor(
    network: WiFiNetwork,
    native: Native,
    clock: Clock,
    take: (station: BoardStation) => void,
  ) {
    this.network = network;
    this.native = native;
    this.clock = clock;
    this.take = take;
    this.alarm = new BoardAlarm(clock, () => this.follow(this.station.wake(clock.now())));
  }

  join(handler: WiFiHandler): void {
    this.take(this);
    this.handler = handler;
    this.follow(this.station.join());
  }

  leave(): void {
    if (this.handler === undefined) return;
    this.handler = undefined;
    this.station.leave();
    this.alarm.clear();
    WiFi.connect();
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    const bssid = this.station.isJoined ? Net.get('BSSID') : undefined;
    if (bssid === undefined) return undefined;
    return { rssi: Net.get('RSSI') ?? 0, channel: Net.get('CHANNEL') ?? 0, bssid };
  }

  /** What the radio says, while this is its station. */
  notified(message: string, isRefused: boolean): void {
    const { station, clock } = this;
    if (message === 'connect') {
      setAddress(this.native, this.network.fixed);
      station.associated(clock.now());
      this.alarm.set(station.deadline());
    } else if (message === 'gotIP') {
      const bssid = Net.get('BSSID');
      const known = bssid && { bssid: addressBytes(bssid), channel: Net.get('CHANNEL') ?? 0 };
      this.follow(station.addressed(known || undefined));
    } else if (message === 'disconnect') this.follow(station.dissociated(isRefused));
  }

  private follow(step: StationStep): void {
    if (step === undefined) return;
    if (step === 'connect') {
      this.connect();
      return;
    }
    this.alarm.clear();
    const { handler } = this;
    if (step === 'joined') handler?.joined();
    else {
      this.leave();
      handler?.failed(step);
    }
  }

  private connect(): void {
    const { ssid, password } = this.network;
    const { wanted } = this.station;
    try {
      const join: Join = { ssid: String.fromArrayBuffer(ssid.slice().buffer as ArrayBuffer) };
      if (password !== '') join.password = password;
      if (wanted !== undefined) {
        join.bssid = wanted.bssid.buffer as ArrayBuffer;
        join.channel = wanted.channel;
      }
      WiFi.connect(join);
    } catch {
      // A name that cannot be asked for is not found; told from the event loop.
      this.alarm.set(this.station.refuse(this.clock.now()));
    }
  }
}
