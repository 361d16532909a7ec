/** The radio as a station: the platform's part of `wifi/station-port.ts`. */

import type Native from 'mc/ffi';
// biome-ignore lint/style/useNodejsImportProtocol: a module of Moddable, not of Node
import Net from 'net';
import WiFi, { type Join } from 'wifi';
import type { FixedAddress, WiFiNetwork } from '../ports.ts';
import type { KnownAccessPoint } from '../wifi/station.ts';
import type { StationRadio } from '../wifi/station-port.ts';
import { setAddress } from './fixed-address.ts';

export class BoardWiFi implements StationRadio {
  private readonly native: Native;

  constructor(native: Native) {
    this.native = native;
  }

  connect({ ssid, password }: WiFiNetwork, at: KnownAccessPoint | undefined): void {
    const join: Join = { ssid: String.fromArrayBuffer(ssid.slice().buffer as ArrayBuffer) };
    if (password !== '') join.password = password;
    if (at !== undefined) {
      join.bssid = at.bssid.buffer as ArrayBuffer;
      join.channel = at.channel;
    }
    WiFi.connect(join);
  }

  disconnect(): void {
    WiFi.connect();
  }

  address(fixed: FixedAddress | undefined): void {
    setAddress(this.native, fixed);
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    const bssid = Net.get('BSSID');
    if (bssid === undefined) return undefined;
    return { rssi: Net.get('RSSI') ?? 0, channel: Net.get('CHANNEL') ?? 0, bssid };
  }
}
