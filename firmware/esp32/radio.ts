/**
 * The radio, over the platform's classic Wi-Fi, the one that has an access point and tells a refused
 * password. Names of networks pass through it as text: one that is not UTF-8, or holds a NUL, is
 * shown as it can be and cannot be joined.
 */

import type Native from 'mc/ffi';
import Timer from 'timer';
import WiFi from 'wifi';
import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  Clock,
  FoundNetwork,
  Radio,
  WiFiNetwork,
  WiFi as WiFiPort,
} from '../ports.ts';
import { addFound } from '../wifi/found-networks.ts';
import { StationPort } from '../wifi/station-port.ts';
import { BoardAlarm } from './alarm.ts';
import { BoardWiFi } from './wifi.ts';

const STATION_MAC = 0;
const STATION = 1;
const BOTH = 3;

export class BoardRadio implements Radio {
  readonly mac: Uint8Array;
  private readonly clock: Clock;
  private readonly wifi: BoardWiFi;
  private current: StationPort | undefined;
  private phones = 0;
  private handler: AccessPointHandler | undefined;
  /** What the access point was last opened with. */
  private open: AccessPointSettings | undefined;

  constructor(native: Native, clock: Clock) {
    const mac = new ArrayBuffer(6);
    native.esp_read_mac(mac, STATION_MAC);
    this.mac = new Uint8Array(mac);
    this.wifi = new BoardWiFi(native);
    this.clock = clock;
    // Lives as long as the board does.
    new WiFi(undefined, (message, reason) => this.notified(message, reason));
  }

  station(network: WiFiNetwork): WiFiPort {
    const { clock, wifi } = this;
    return new StationPort(network, wifi, {
      clock,
      alarm: (ring) => new BoardAlarm(clock, ring),
      take: (station) => {
        if (this.current !== station) this.current?.leave();
        this.current = station;
      },
    });
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel {
    const list: FoundNetwork[] = [];
    try {
      WiFi.scan({}, (found) => {
        if (found === null) done(list);
        else {
          const { rssi, channel, authentication } = found;
          const ssid = new Uint8Array(ArrayBuffer.fromString(found.ssid));
          addFound(list, { ssid, rssi, channel, secure: authentication !== 'none' });
        }
      });
    } catch {
      // A scan is under way already, or a join: whoever asks has a deadline.
      return { cancel() {} };
    }
    return { cancel: () => WiFi.scan() };
  }

  openAccessPoint(settings: AccessPointSettings, handler: AccessPointHandler): void {
    const { open } = this;
    // Opening it once more would throw everybody off.
    if (open === undefined || !isSame(open, settings)) this.start(settings);
    this.handler = handler;
    Timer.set(() => {
      if (this.handler === handler) handler.opened();
    });
  }

  closeAccessPoint(): void {
    if (this.handler === undefined) return;
    this.handler = undefined;
    this.open = undefined;
    this.phones = 0;
    WiFi.mode = STATION;
  }

  /** @throws Error when there is none, and none can be opened; one that is open stays as it is. */
  private start(settings: AccessPointSettings): void {
    try {
      WiFi.accessPoint({ ...settings, station: true });
      WiFi.mode = BOTH;
      this.open = settings;
    } catch (error) {
      if (this.open === undefined) throw error;
    }
  }

  private notified(message: string, reason: number | undefined): void {
    if (message === 'station_connect') this.count(1);
    else if (message === 'station_disconnect') this.count(-1);
    else this.current?.notified(message, reason === -1);
  }

  private count(change: number): void {
    this.phones = Math.max(0, this.phones + change);
    this.handler?.stations(this.phones);
  }
}

function isSame(a: AccessPointSettings, b: AccessPointSettings): boolean {
  return a.ssid === b.ssid && a.password === b.password && a.channel === b.channel;
}
