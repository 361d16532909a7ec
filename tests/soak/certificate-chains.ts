/**
 * Random chains of certificates, judged by our trust and by `openssl verify`:
 *
 *   npx tsx tests/soak/certificate-chains.ts [count, 1000 where it is not given] [first seed]
 *
 * Prints a table of how they were judged; fails when we trust what OpenSSL refuses, or refuse what
 * it takes without a known reason.
 */
import { ChainJudges } from '../support/openssl-verify.ts';

const count = Number(process.argv[2] ?? 1000);
const first = Number(process.argv[3] ?? 1);
const judges = new ChainJudges();
const results = new Map<string, number>();
const verdicts = new Map<string, number>();
const add = (to: Map<string, number>, key: string) => to.set(key, (to.get(key) ?? 0) + 1);

for (let seed = first; seed < first + count; seed++) {
  const judged = judges.judge(seed);
  const { ours, openssl, result } = judged;
  add(results, result);
  add(verdicts, `${ours} / ${openssl === '' ? 'OK' : openssl}`);
  if (result === 'LENIENT' || result === 'UNEXPLAINED') {
    console.error(result, JSON.stringify(judged));
    process.exitCode = 1;
  }
}
judges.close();
const print = (title: string, table: Map<string, number>) => {
  console.log(title);
  for (const [key, times] of [...table].sort((a, b) => b[1] - a[1])) {
    console.log(`${String(times).padStart(6)}  ${key}`);
  }
};
print(`${count} chains`, results);
print('ours / OpenSSL', verdicts);
