/** The documents' links lead somewhere, and the commands and files that they name are there. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '');
    return plain.replaceAll(' ', '-');
  });
}

for (const document of DOCUMENTS) {
  test(`each link of ${document} leads to a file, and to a heading where it names one`, () => {
    for (const [, target] of read(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      assert.ok(existsSync(join(ROOT, file)), target);
      if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), target);
    }
  });

  test(`each command of npm in ${document} is there, and each program that it runs`, () => {
    const text = read(document);
    for (const [, name] of text.matchAll(/npm run (?:-s |--silent )?([a-z0-9]+(?::[a-z0-9]+)*)/g)) {
      assert.ok(name in scripts, name);
    }
    for (const [, path] of text.matchAll(/npx tsx ([\w./-]+)/g)) {
      assert.ok(existsSync(join(ROOT, path)), path);
    }
  });
}

test('each path that CONTRIBUTING names is there', () => {
  const paths = read('CONTRIBUTING.md').matchAll(/`((?:tests|firmware|host-sim|docs)\/[\w./-]*)`/g);
  const named = [...paths].map(([, path]) => path);
  assert.ok(named.length > 8);
  for (const path of named) assert.ok(existsSync(join(ROOT, path)), path);
});
