/** The rules of ARCHITECTURE.md that can be read off the sources; each broken rule names its line. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The files that may talk to the ports; all others are sans-IO. */
const SHELLS = [
  'firmware/device/',
  'firmware/mote/',
  'firmware/link/connection.ts',
  'firmware/outbox/flash-',
  'firmware/provisioning/portal/portal.ts',
  'firmware/provisioning/portal/parts.ts',
  'firmware/provisioning/portal/radio.ts',
  'firmware/provisioning/portal/servers.ts',
  'firmware/config/store.ts',
  'firmware/network/',
  'firmware/wifi/',
  'firmware/time/time-service.ts',
  'firmware/main.ts',
  'firmware/esp32/',
];
/** What of the ports sans-IO files may name: words, values, chance, and a function of bytes alone. */
const PORT_WORDS = [
  ...['CloseReason', 'Digest', 'FoundNetwork', 'Light', 'Random', 'ResetReason', 'TimeQuality'],
];
/** The composition root, where features meet. */
const COMPOSITION: readonly string[] = ['device', 'mote', 'esp32', ''];
/** Features beside base/ of which a folder may import values. */
const NEIGHBOURS: Record<string, readonly string[]> = { link: ['mqtt', 'outbox'] };
/** An import without `type` is one of values, used or not. */
const ERASES_TYPES = { compilerOptions: { verbatimModuleSyntax: true } };

interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly imports: readonly string[];
}

function sources(folder: string): Source[] {
  const found: Source[] = [];
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const path = relative(root, file).split(sep).join('/');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1]);
    found.push({ path, lines: text.split('\n'), imports });
  }
  return found;
}

const firmware = sources('firmware');
const hostSim = sources('host-sim');
const isBoard = (path: string) => path === 'firmware/main.ts' || path.startsWith('firmware/esp32/');
const target = (source: Source, specifier: string) =>
  posix.join(posix.dirname(source.path), specifier);
/** `firmware/mqtt/session/session.ts` is of feature `mqtt`; files beside the folders are of none. */
const featureOf = (path: string) => path.split('/').slice(1, -1)[0] ?? '';

function broken(rule: (source: Source) => readonly string[], among: readonly Source[]): string[] {
  return among.flatMap((source) => rule(source).map((what) => `${source.path}: ${what}`));
}

function linesThat(pattern: RegExp): (source: Source) => string[] {
  return (source) =>
    source.lines.flatMap((line, i) => {
      const isComment = /^\s*(\*|\/\/|\/\*)/.test(line);
      return !isComment && pattern.test(line) ? [`${i + 1}: ${line.trim()}`] : [];
    });
}

const portable = firmware.filter((source) => !isBoard(source.path));

test('the sources are found', () => {
  assert.ok(firmware.length > 30 && hostSim.length > 10);
});

/** What a source imports for more than its types, as esbuild's parser has it. */
function valueImports({ lines }: Source): string[] {
  const options = { loader: 'ts', tsconfigRaw: ERASES_TYPES } as const;
  const { code } = transformSync(lines.join('\n'), options);
  return [...code.matchAll(/^(?:import|export)\b[^"']*from "([^"]+)"/gm)].map((m) => m[1]);
}

test('a feature folder of the firmware imports values of base and itself alone; only link joins mqtt and outbox', () => {
  const rule = (source: Source) => {
    const feature = featureOf(source.path);
    if (COMPOSITION.includes(feature)) return [];
    const allowed = [feature, 'base', ...(NEIGHBOURS[feature] ?? [])];
    return valueImports(source).filter((specifier) => {
      return !allowed.includes(featureOf(target(source, specifier)));
    });
  };
  assert.deepEqual(broken(rule, portable), []);
});

test('what features share of types lies below the composition root, or in the ports', () => {
  const rule = (source: Source) => {
    if (COMPOSITION.includes(featureOf(source.path))) return [];
    return source.imports.filter((specifier) => {
      const path = target(source, specifier);
      return path !== 'firmware/ports.ts' && COMPOSITION.includes(featureOf(path));
    });
  };
  assert.deepEqual(broken(rule, portable), []);
});

test('only shells know a port that does something; the words that ports use are for everybody', () => {
  const rule = (source: Source) => {
    if (SHELLS.some((shell) => source.path.startsWith(shell))) return [];
    const text = source.lines.join('\n');
    return [...text.matchAll(/import type \{([^}]*)\} from '[^']*\/ports\.ts'/g)]
      .flatMap(([, names]) => names.split(',').map((name) => name.trim()))
      .filter((name) => name !== '' && !PORT_WORDS.includes(name));
  };
  assert.deepEqual(broken(rule, firmware), []);
});

test('the ports are types alone', () => {
  for (const { path, lines } of firmware.filter(({ path }) => path.endsWith('ports.ts'))) {
    const { code } = transformSync(lines.join('\n'), { loader: 'ts' });
    assert.equal(code.trim(), '', path);
  }
});

test('the firmware imports nothing from outside, and nothing of the simulator', () => {
  const rule = (source: Source) =>
    source.imports.filter((specifier) => {
      if (!specifier.startsWith('.')) return true;
      return !target(source, specifier).startsWith('firmware/');
    });
  assert.deepEqual(broken(rule, portable), []);
});

test("modules of the board's platform are imported in firmware/esp32 and main.ts alone", () => {
  const platform = /^(embedded:|mc\/|wifi$|timer$|time$|preference$|resetReason$)/;
  const rule = (source: Source) => source.imports.filter((specifier) => platform.test(specifier));
  assert.deepEqual(broken(rule, [...portable, ...hostSim]), []);
});

test('the simulator does not import the files of the board', () => {
  const rule = (source: Source) =>
    source.imports.filter((s) => s.startsWith('.') && isBoard(target(source, s)));
  assert.deepEqual(broken(rule, hostSim), []);
});

test('the virtual world uses no clock, timer, socket or randomness of the machine', () => {
  const virtual = hostSim.filter((source) => source.path.startsWith('host-sim/virtual/'));
  const rule = (source: Source) =>
    source.imports.filter((specifier) => /^node:(net|tls|dns|timers|fs|crypto)/.test(specifier));
  assert.deepEqual(broken(rule, virtual), []);
  const machine = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate)\b/;
  assert.deepEqual(broken(linesThat(machine), virtual), []);
});

test('the firmware keeps no module-level mutable state', () => {
  const mutable = /^(export )?(let|var)\b/;
  // The composition root is not preloaded: what it makes lives in RAM.
  const preloaded = firmware.filter(({ path }) => path !== 'firmware/main.ts');
  assert.deepEqual(broken(linesThat(mutable), preloaded), []);
  // A constant is a scalar, a function, a frozen object, or an array of no bytes.
  const unfrozen = /^(export )?const \w+(: [^=]+)? = (\[|\{|new (?!Uint8Array\(0\)))/;
  assert.deepEqual(broken(linesThat(unfrozen), preloaded), []);
});

test('the firmware uses nothing that XS on the board lacks, and no clock or timer of its own', () => {
  const absent =
    /\b(console\.|setTimeout|setInterval|TextEncoder|TextDecoder|structuredClone|Intl\.|Buffer\b|process\.|Date\.now|new Date|Math\.random|EventEmitter|queueMicrotask|Promise\.withResolvers|Object\.groupBy)|\.(toSorted|toReversed|toSpliced|normalize|union|intersection)\(|\\p\{|new URL\(/;
  assert.deepEqual(broken(linesThat(absent), portable), []);
});

test('the firmware has no private names: on XS each such method takes a slot in every instance', () => {
  assert.deepEqual(broken(linesThat(/\.#\w|^\s*(get |static |readonly )*#\w+/), firmware), []);
});

test('the firmware uses no enum, namespace, parameter property or base class of its own', () => {
  const syntax = /^\s*(export )?(declare )?(const )?(enum|namespace) |class \w+ extends (?!Error)/;
  assert.deepEqual(broken(linesThat(syntax), firmware), []);
});
