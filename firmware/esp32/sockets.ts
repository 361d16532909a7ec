/** What the board's sockets share: the gate where their release is waited for, and the network. */

import type Native from 'mc/ffi';
// biome-ignore lint/style/useNodejsImportProtocol: a module of Moddable, not of Node
import Net from 'net';
import Timer, { type TimerId } from 'timer';
import type { NetworkThread } from '../network/network-thread.ts';
import { QUIET_TICK_MS, QuietSockets } from '../network/quiet-sockets.ts';
import { SocketGate } from '../network/socket-gate.ts';
import type { SocketHost } from '../network/socket-transport.ts';
import type { Clock } from '../ports.ts';
import { BoardAlarm } from './alarm.ts';

export class BoardSockets {
  readonly gate: SocketGate;
  /** For sockets on the Wi-Fi that the board has joined. */
  readonly onStation: SocketHost;
  /** For sockets on the board's own network. */
  readonly onAccessPoint: SocketHost;
  private readonly quiet: QuietSockets;
  private readonly timer: TimerId;

  constructor(clock: Clock) {
    this.gate = new SocketGate(clock, (ring) => new BoardAlarm(clock, ring));
    this.quiet = new QuietSockets(this.gate);
    this.timer = Timer.repeat(() => this.tick(), QUIET_TICK_MS);
    Timer.schedule(this.timer);
    const later = (work: () => void): void => {
      Timer.set(work);
    };
    const closing = (): void => this.closing();
    this.onStation = { later, closing, hasNetwork: isOnline };
    this.onAccessPoint = { later, closing, hasNetwork: () => true };
  }

  /** A socket was closed. */
  closing(): void {
    this.quiet.closing();
    Timer.schedule(this.timer, QUIET_TICK_MS, QUIET_TICK_MS);
  }

  private tick(): void {
    if (!this.quiet.tick()) Timer.schedule(this.timer);
  }
}

/** Associated, and with an address: a fixed one outlives the association. */
function isOnline(): boolean {
  return Net.get('BSSID') !== undefined && Net.get('IP', 'station') !== undefined;
}

/** lwIP's. */
export function networkThread(native: Native): NetworkThread {
  return {
    hold: () => native.mote_tcpip_hold(),
    release: () => native.mote_tcpip_release(),
  };
}
