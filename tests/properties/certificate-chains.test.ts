/** Random chains, judged as `openssl verify` judges them, or more strictly for a known reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../support/available.ts';
import { ChainJudges } from '../support/openssl-verify.ts';

/** A thousand are a command: tests/soak/certificate-chains.ts. */
const CHAINS = 60;

test('chains of all kinds are judged as OpenSSL does, or more strictly for a known reason', {
  skip: missing('openssl'),
}, (t) => {
  const judges = new ChainJudges();
  t.after(() => judges.close());
  let trusted = 0;
  for (let seed = 1; seed <= CHAINS; seed++) {
    const judged = judges.judge(seed);
    assert.doesNotMatch(judged.result, /LENIENT|UNEXPLAINED/, JSON.stringify(judged));
    if (judged.ours === 'trusted') trusted += 1;
  }
  assert.ok(trusted >= CHAINS / 10 && trusted <= CHAINS / 2, `${trusted} trusted`);
});
