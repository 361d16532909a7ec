/**
 * The port of one station over a platform's radio: it does what the machine (`station.ts`) says,
 * and tells it what the platform says. The platform's part is `esp32/wifi.ts`, and the same name in
 * each simulator.
 */

import type {
  Alarm,
  Clock,
  FixedAddress,
  WiFiHandler,
  WiFiNetwork,
  WiFi as WiFiPort,
} from '../ports.ts';
import { addressBytes } from './addresses.ts';
import { type KnownAccessPoint, Station, type StationStep } from './station.ts';

/** What a station asks of the platform. It answers with messages, from the event loop. */
export interface StationRadio {
  /**
   * Starts to associate; what went before is given up.
   * @param at this access point alone; undefined: the strongest one of the name
   * @throws Error when the platform cannot ask for this network
   */
  connect(network: WiFiNetwork, at: KnownAccessPoint | undefined): void;
  /** Gives up whatever there is. */
  disconnect(): void;
  /** Associated: an address is to be had. @param fixed undefined: from the router */
  address(fixed: FixedAddress | undefined): void;
  /** What it is associated with. */
  link(): { rssi: number; channel: number; bssid: string } | undefined;
}

/** What a station is made with. */
export interface StationPorts {
  readonly clock: Clock;
  alarm(ring: () => void): Alarm;
  /** Makes this the radio's one station. */
  take(station: StationPort): void;
}

export class StationPort implements WiFiPort {
  private readonly network: WiFiNetwork;
  private readonly radio: StationRadio;
  private readonly take: StationPorts['take'];
  private readonly station = new Station();
  private readonly alarm: Alarm;
  private readonly clock: Clock;
  private handler: WiFiHandler | undefined;

  constructor(network: WiFiNetwork, radio: StationRadio, ports: StationPorts) {
    const { clock } = ports;
    this.network = network;
    this.radio = radio;
    this.clock = clock;
    this.take = ports.take;
    this.alarm = ports.alarm(() => this.follow(this.station.wake(clock.now())));
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
    this.radio.disconnect();
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    return this.station.isJoined ? this.radio.link() : undefined;
  }

  /**
   * What the platform says, while this is its station.
   * @param message `connect` (associated), `gotIP`, `disconnect`; others mean nothing here
   * @param isRefused the password was not accepted
   */
  notified(message: string, isRefused: boolean): void {
    const { station, clock, radio } = this;
    if (message === 'connect') {
      radio.address(this.network.fixed);
      station.associated(clock.now());
      this.alarm.set(station.deadline());
    } else if (message === 'gotIP') {
      const link = radio.link();
      const known = link && { bssid: addressBytes(link.bssid), channel: link.channel };
      this.follow(station.addressed(known));
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
    try {
      this.radio.connect(this.network, this.station.wanted);
    } catch {
      // A name that cannot be asked for is not found; told from the event loop.
      this.alarm.set(this.station.refuse(this.clock.now()));
    }
  }
}
