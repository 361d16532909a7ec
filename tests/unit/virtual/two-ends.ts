/** Both ends of a virtual connection as logs of calls, for the tests of the network. */

import type { Transport, TransportHandler } from '../../../firmware/ports.ts';
import { EventQueue } from '../../../host-sim/virtual/event-queue.ts';
import type { LinkConditions } from '../../../host-sim/virtual/link.ts';
import { Internet, type ServerEnd, VirtualNetwork } from '../../../host-sim/virtual/network.ts';
import { SeededRandom } from '../../../host-sim/virtual/random.ts';

export const ADDRESS = '10.0.0.1';
export const TARGET = { host: 'peer', address: ADDRESS, port: 80, path: '/' };

/** One end's log: calls by name, and the bytes it read, read greedily unless told otherwise. */
export class End implements TransportHandler {
  readonly calls: string[] = [];
  readonly bytes: number[] = [];
  reads = true;
  transport!: Transport;

  opened(): void {
    this.calls.push('opened');
  }
  readable(): void {
    this.calls.push('readable');
    if (this.reads) this.readAll();
  }
  writable(): void {
    this.calls.push('writable');
  }
  closed(reason: string): void {
    this.calls.push(`closed: ${reason}`);
  }
  readAll(): void {
    const into = new Uint8Array(7);
    for (let count = this.read(into); count > 0; count = this.read(into)) {
      this.bytes.push(...into.subarray(0, count));
    }
  }
  read(into: Uint8Array): number {
    return this.transport.read(into, 0, into.length);
  }
  write(...bytes: number[]): number {
    return this.transport.write(Uint8Array.from(bytes), 0, bytes.length);
  }
}

/** A device with a link to one server at `ADDRESS`, port 80. */
export function createWorld(conditions?: Partial<LinkConditions>) {
  const queue = new EventQueue();
  const internet = new Internet(queue);
  const network = new VirtualNetwork(internet, new SeededRandom(1), conditions);
  const server = new End();
  let accepted: ServerEnd | undefined;
  internet.listen(ADDRESS, 80, (end) => {
    accepted = end;
    server.transport = end;
    end.handler = server;
  });
  const device = new End();
  const dial = (port = 80, address = ADDRESS) => {
    device.transport = network.connect({ ...TARGET, port, address }, device);
  };
  const open = () => {
    dial();
    queue.runFor(100);
    return accepted as ServerEnd;
  };
  return { queue, internet, network, device, server, dial, open };
}
