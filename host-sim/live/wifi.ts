/**
 * A radio that is always in reach of its access point: the host's own network stands for it.
 * Losing the network shows as it does on the host, as failing connections; coverage that comes and
 * goes is the virtual radio's business.
 */
import type { WiFi, WiFiHandler } from '../../firmware/ports.ts';

const LINK = Object.freeze({ rssi: -55, channel: 6, bssid: '02:00:00:00:00:01' });

export class LiveWiFi implements WiFi {
  #joining: NodeJS.Immediate | undefined;
  #joined = false;

  join(handler: WiFiHandler): void {
    this.leave();
    this.#joining = setImmediate(() => {
      this.#joining = undefined;
      this.#joined = true;
      handler.joined();
    });
  }

  leave(): void {
    if (this.#joining !== undefined) clearImmediate(this.#joining);
    this.#joining = undefined;
    this.#joined = false;
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    return this.#joined ? LINK : undefined;
  }
}
