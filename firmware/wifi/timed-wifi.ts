/** A station that asks for the time while it is joined. */

import type { WiFi, WiFiHandler } from '../ports.ts';
import type { TimeServer, TimeService } from '../time/time-service.ts';

export class TimedWiFi implements WiFi {
  private readonly station: WiFi;
  private readonly time: TimeService;
  private readonly server: TimeServer;
  /** Joined: what another station does is none of our business. */
  private isJoined = false;

  constructor(station: WiFi, time: TimeService, server: TimeServer) {
    this.station = station;
    this.time = time;
    this.server = server;
  }

  join(handler: WiFiHandler): void {
    this.pause();
    this.station.join({
      joined: () => {
        this.isJoined = true;
        this.time.joined(this.server);
        handler.joined();
      },
      failed: (reason) => {
        this.pause();
        handler.failed(reason);
      },
    });
  }

  leave(): void {
    // First: a network is not left with a socket open in it.
    this.pause();
    this.station.leave();
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    return this.station.link();
  }

  private pause(): void {
    if (this.isJoined) this.time.left();
    this.isJoined = false;
  }
}
