/** The set-up page behind the portal's own HTTP server, on a loopback port, for real browsers. */

import { HttpServer } from '../../firmware/provisioning/http/server.ts';
import { Routes } from '../../firmware/provisioning/portal/routes.ts';
import { LiveListener } from '../../host-sim/live/listener.ts';
import { readPageResources } from '../../host-sim/live/resources.ts';
import { FakePortal } from '../support/fake-portal.ts';

export interface PageServer {
  readonly portal: FakePortal;
  readonly origin: string;
  close(): void;
}

export async function startPageServer(): Promise<PageServer> {
  const portal = new FakePortal();
  const hosts: string[] = [];
  const server = new HttpServer(new Routes(portal, readPageResources(), hosts));
  const now = () => performance.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    const wait = server.deadline() - now();
    if (wait < Infinity) timer = setTimeout(wake, Math.max(wait, 0));
  };
  const wake = () => {
    server.wake(now());
    arm();
  };
  let tellPort: (port: number) => void = () => {};
  const bound = new Promise<number>((resolve) => {
    tellPort = resolve;
  });
  const listener = new LiveListener({ port: 0, bound: tellPort });
  const listening = listener.listen(80, (transport) => {
    const connection = server.accept(transport, now());
    const pump = () => {
      server.pump(connection, now());
      arm();
    };
    const closed = () => {
      server.closed(connection, now());
      arm();
    };
    arm();
    return { opened() {}, readable: pump, writable: pump, closed };
  });
  const port = await bound;
  hosts.push(`127.0.0.1:${port}`);
  return {
    portal,
    origin: `http://127.0.0.1:${port}`,
    close() {
      listening.close();
      server.stop();
      clearTimeout(timer);
    },
  };
}
