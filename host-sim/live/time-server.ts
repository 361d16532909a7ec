/**
 * A little SNTP server on loopback, with the host's own time: it stands for the one on the internet
 * that a board asks (RFC 4330). It answers questions of clients, and nothing else.
 */
import { createSocket } from 'node:dgram';

const LOOPBACK = '127.0.0.1';
const BYTES = 48;
const CLIENT = 3;
const SERVER = 4;
/** The host is taken to be synchronised; who asks it is one further away. */
const STRATUM = 2;
const SECONDS_1900_TO_1970 = 2_208_988_800n;

/** A running server. */
export interface TimeServer {
  readonly host: string;
  readonly port: number;
  close(): void;
}

/** @throws Error when no port could be had */
export async function startTimeServer(): Promise<TimeServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    if (question.length < BYTES || (question[0] & 7) !== CLIENT) return;
    socket.send(answerTo(question), from.port, from.address, () => {});
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, LOOPBACK, resolve);
  });
  return { host: LOOPBACK, port: socket.address().port, close: () => socket.close() };
}

function answerTo(question: Buffer): Buffer {
  const answer = Buffer.alloc(BYTES);
  answer[0] = (question[0] & 0x38) | SERVER;
  answer[1] = STRATUM;
  answer[2] = question[2];
  answer.write('LOCL', 12, 'latin1');
  question.copy(answer, 24, 40, 48);
  const ms = BigInt(Date.now());
  const seconds = BigInt.asUintN(32, ms / 1000n + SECONDS_1900_TO_1970);
  const stamp = (seconds << 32n) | (((ms % 1000n) << 32n) / 1000n);
  for (const at of [16, 32, 40]) answer.writeBigUInt64BE(stamp, at);
  return answer;
}
