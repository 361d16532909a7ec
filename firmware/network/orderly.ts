/**
 * Radio and restart in order: whatever would take a network from under closed sockets waits at the
 * gate until they are released. The handler goes at once: after `leave` and `closeAccessPoint` none
 * is called, whatever still waits.
 */

import type {
  AccessPointHandler,
  AccessPointSettings,
  Cancel,
  FoundNetwork,
  Power,
  Radio,
  ResetReason,
  WiFi,
  WiFiHandler,
  WiFiNetwork,
} from '../ports.ts';
import type { SocketGate } from './socket-gate.ts';

/** A station. */
export class OrderlyWiFi implements WiFi {
  private readonly inner: WiFi;
  private readonly gate: SocketGate;
  /** The join that counts; 0 when it is left. */
  private current = 0;
  private joins = 0;

  constructor(inner: WiFi, gate: SocketGate) {
    this.inner = inner;
    this.gate = gate;
  }

  join(handler: WiFiHandler): void {
    this.joins += 1;
    const own = this.joins;
    this.current = own;
    const told: WiFiHandler = {
      joined: () => {
        if (this.current === own) handler.joined();
      },
      failed: (reason) => {
        if (this.current === own) handler.failed(reason);
      },
    };
    this.gate.whenReleased(() => {
      if (this.current === own) this.inner.join(told);
    });
  }

  leave(): void {
    if (this.current === 0) return;
    this.current = 0;
    this.gate.whenReleased(() => this.inner.leave());
  }

  link(): { rssi: number; channel: number; bssid: string } | undefined {
    return this.current === 0 ? undefined : this.inner.link();
  }
}

/** The whole radio. */
export class OrderlyRadio implements Radio {
  private readonly inner: Radio;
  private readonly gate: SocketGate;
  private handler: AccessPointHandler | undefined;

  constructor(inner: Radio, gate: SocketGate) {
    this.inner = inner;
    this.gate = gate;
  }

  get mac(): Uint8Array {
    return this.inner.mac;
  }

  station(network: WiFiNetwork): WiFi {
    return new OrderlyWiFi(this.inner.station(network), this.gate);
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): Cancel {
    return this.inner.scan(done);
  }

  openAccessPoint(settings: AccessPointSettings, handler: AccessPointHandler): void {
    this.handler = handler;
    const told: AccessPointHandler = {
      opened: () => {
        if (this.handler === handler) handler.opened();
      },
      stations: (count) => {
        if (this.handler === handler) handler.stations(count);
      },
    };
    this.gate.whenReleased(() => {
      if (this.handler === handler) this.inner.openAccessPoint(settings, told);
    });
  }

  closeAccessPoint(): void {
    if (this.handler === undefined) return;
    this.handler = undefined;
    this.gate.whenReleased(() => this.inner.closeAccessPoint());
  }
}

/** Restarts, once. */
export class OrderlyPower implements Power {
  private readonly inner: Power;
  private readonly gate: SocketGate;
  private isAsked = false;

  constructor(inner: Power, gate: SocketGate) {
    this.inner = inner;
    this.gate = gate;
  }

  get resetReason(): ResetReason {
    return this.inner.resetReason;
  }

  restart(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.gate.whenReleased(() => this.inner.restart());
  }
}
