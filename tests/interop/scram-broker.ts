/** A broker on a real socket that asks for SCRAM-SHA-256, and speaks MQTT 5 alone. */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { generate, type Packet, parser } from 'mqtt-packet';
import { SCRAM, ScramServer } from '../../host-sim/virtual/broker/scram-server.ts';
import { SeededRandom } from '../../host-sim/virtual/random.ts';

const V5 = { protocolVersion: 5 } as const;

/** As much of a broker as one board needs. Its one user is `ann`, whose password is `secret`. */
export class ScramBroker {
  readonly scram = new ScramServer(new SeededRandom(1), { ann: 'secret' });
  readonly connects: Packet[] = [];
  readonly topics: string[] = [];
  port = 0;

  async open(t: TestContext): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    t.after(() => server.close());
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  #serve(socket: Socket): void {
    const packets = parser(V5);
    let round = 0;
    const send = (packet: Packet) => socket.write(generate(packet, V5));
    const step = (data: Buffer | undefined) => {
      const answer = this.scram.step(round, data, 'board');
      round += 1;
      const method = { authenticationMethod: SCRAM };
      if (answer.result === 'refuse') {
        send({ cmd: 'connack', sessionPresent: false, reasonCode: answer.reason });
        socket.end();
      } else if (answer.result !== 'silence') {
        const properties = { ...method, authenticationData: Buffer.from(answer.data ?? []) };
        if (answer.result === 'continue') send({ cmd: 'auth', reasonCode: 0x18, properties });
        else send({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties });
      }
    };
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') {
        this.connects.push(packet);
        step(packet.properties?.authenticationData);
      } else if (packet.cmd === 'auth') step(packet.properties?.authenticationData);
      else if (packet.cmd === 'publish') {
        this.topics.push(packet.topic);
        if (packet.qos === 1) send({ cmd: 'puback', messageId: packet.messageId, reasonCode: 0 });
      } else if (packet.cmd === 'subscribe') {
        send({ cmd: 'suback', messageId: packet.messageId, granted: [0] });
      } else if (packet.cmd === 'disconnect') socket.end();
    });
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.on('error', () => {});
  }
}
