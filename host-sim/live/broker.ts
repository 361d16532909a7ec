/**
 * The embedded broker: aedes on two free loopback ports, TCP and WebSocket, all in memory.
 *
 * It speaks MQTT 3.1.1 only. It listens on 127.0.0.1 and nowhere else, lets everybody in unless it
 * is given a user, and forgets everything when it closes: it is for trying things out.
 */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';

const LOOPBACK = '127.0.0.1';

/** A running broker. */
export interface EmbeddedBroker {
  readonly host: string;
  readonly port: number;
  readonly webSocketPort: number;
  /** Publishes a retained message as if a client had. */
  retain(topic: string, payload: string): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Who is let in. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** CONNACK's return code for a bad user name or password. */
const BAD_CREDENTIALS = 4;

/**
 * @param login the one user who is let in; undefined: everybody
 * @param wantedPort where it is to listen, if that port is free; 0: anywhere
 * @throws Error when no port could be had.
 */
export async function startBroker(login?: Login, wantedPort = 0): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker();
  if (login !== undefined) aedes.authenticate = doorOf(login);
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => aedes.handle(socket));
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end('This port speaks MQTT over WebSocket.\n');
  });
  const webSockets = new WebSocketServer({
    server: http,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  webSockets.on('connection', (socket, request) => {
    const stream = createWebSocketStream(socket);
    stream.on('error', () => socket.terminate());
    aedes.handle(stream, request);
  });
  for (const server of [tcp, http]) track(server, sockets);
  const port = await listen(tcp, wantedPort).catch(() => listen(tcp));
  const webSocketPort = await listen(http);
  return {
    host: LOOPBACK,
    port,
    webSocketPort,
    retain: (topic, text) => {
      const payload = Buffer.from(text);
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, () => {});
    },
    close: () => close(aedes, [tcp, http], sockets),
  };
}

function doorOf(login: Login): Aedes['authenticate'] {
  return (_client, user, password, done) => {
    if (user === login.user && String(password) === login.password) done(null, true);
    else done(Object.assign(new Error('unknown user'), { returnCode: BAD_CREDENTIALS }), false);
  };
}

function track(server: Server, sockets: Set<Socket>): void {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
}

function listen(server: Server, wantedPort = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(
  aedes: Aedes,
  servers: readonly Server[],
  sockets: ReadonlySet<Socket>,
): Promise<void> {
  await new Promise<void>((resolve) => aedes.close(resolve));
  const stopped = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const socket of sockets) socket.destroy();
  await Promise.all(stopped);
}
