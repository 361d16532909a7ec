/**
 * The bound: what a socket of Node can push through Mosquitto when the client does nothing. All
 * packets are encoded beforehand, acknowledgements are counted by their bytes alone, and a refill
 * is one or two slices of a prepared buffer. It checks neither identifiers nor reason codes, so it
 * is no MQTT client; it is what a real one is measured against.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import type { ThroughputClient, ThroughputSettings } from './throughput.ts';

/** Identifiers go round; more of them than any window, few enough to stay in the cache. */
const packetsPrepared = 1000;

/** Connects and prepares the packets; see `OpenClient`. */
export async function openPreEncodedClient(
  settings: ThroughputSettings,
): Promise<ThroughputClient> {
  const socket = connect(settings.port, settings.host);
  await once(socket, 'connect');
  socket.setNoDelay(true);
  const clientId = `bound-${process.pid}`;
  socket.write(
    generate({ cmd: 'connect', protocolVersion: settings.version, clientId, clean: true }),
  );
  const [connack] = (await once(socket, 'data')) as [Buffer];
  if (connack[0] !== 0x20 || connack[3] !== 0) throw new Error('the broker refused the bound');
  return new PreEncodedClient(socket, settings);
}

class PreEncodedClient implements ThroughputClient {
  readonly #socket: Socket;
  readonly #window: number;
  readonly #packets: Buffer;
  readonly #packetBytes: number;
  #next = 0;
  #ackBytes = 0;

  constructor(socket: Socket, settings: ThroughputSettings) {
    this.#socket = socket;
    this.#window = settings.window;
    this.#packets = Buffer.concat(
      Array.from({ length: packetsPrepared }, (_, index) => encode(settings, index + 1)),
    );
    this.#packetBytes = this.#packets.length / packetsPrepared;
  }

  run(durationMs: number): Promise<number> {
    const socket = this.#socket;
    const end = performance.now() + durationMs;
    let sent = this.#window;
    let bytes = 0;
    return new Promise((resolve, reject) => {
      const receive = (chunk: Buffer) => {
        // All acknowledgements are of one size; with a reason code, as in 5.0, it is 5 bytes.
        if (this.#ackBytes === 0) this.#ackBytes = 2 + chunk[1];
        bytes += chunk.length;
        const acknowledged = Math.floor(bytes / this.#ackBytes);
        if (performance.now() < end) {
          const room = this.#window - (sent - acknowledged);
          sent += room;
          this.#send(room);
        } else if (acknowledged === sent) {
          socket.off('data', receive).off('close', fail);
          resolve(sent);
        }
      };
      const fail = () => reject(new Error('the connection of the bound was lost'));
      socket.on('data', receive).once('close', fail);
      this.#send(sent);
    });
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  #send(count: number): void {
    const first = Math.min(count, packetsPrepared - this.#next);
    const size = this.#packetBytes;
    if (first > 0) {
      this.#socket.write(this.#packets.subarray(this.#next * size, (this.#next + first) * size));
    }
    if (count > first) this.#socket.write(this.#packets.subarray(0, (count - first) * size));
    this.#next = (this.#next + count) % packetsPrepared;
  }
}

function encode(settings: ThroughputSettings, messageId: number): Buffer {
  const packet = {
    cmd: 'publish',
    topic: settings.topic,
    payload: Buffer.alloc(settings.payloadBytes, 'x'),
    qos: 1,
    dup: false,
    retain: false,
    messageId,
  } as const;
  return generate(packet, { protocolVersion: settings.version });
}
