import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage } from '../../../../firmware/provisioning/page/language.ts';

const cases: readonly (readonly [accepted: string, language: string])[] = [
  ['', 'en'],
  ['de', 'de'],
  ['DE-at', 'de'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['zh-Hant-TW', 'zh'],
  ['fr-FR, fr;q=0.9, de;q=0.7, en;q=0.5', 'de'],
  ['en;q=0.2, de;q=0.8', 'de'],
  ['en;q=0.8, de;q=0.8', 'en'],
  ['de ; q=0.5, zh;q=0.6', 'zh'],
  ['zh; q=0.5,de;q=0.499', 'zh'],
  ['de;q=0, *;q=0.1', 'en'],
  ['*', 'en'],
  ['fr', 'en'],
  ['den', 'en'],
  ['d', 'en'],
  ['de_DE', 'en'],
  ['de;q=1.0', 'de'],
  ['de;level=1, zh', 'zh'],
  [',,;;,q=1,de;q=-1', 'en'],
];

for (const [accepted, language] of cases) {
  test(`"${accepted}" gives ${language}`, () => {
    assert.equal(chooseLanguage(accepted), language);
  });
}
