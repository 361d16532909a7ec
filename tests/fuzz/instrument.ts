/**
 * Puts counters into the firmware's code: one at each function, branch and loop. They tell where an
 * input went, how many steps it took, and end a loop that does not. What allocates by a size is
 * counted too. Texts and numbers of the code become words of the mutator's dictionary.
 */

import { type Node, parse } from 'acorn';
import { transform } from 'esbuild';

/** What instrumented code reaches as `$fuzz`; `meter.ts` makes it. */
export const METER_NAME = '$fuzz';
/** Its counters, in each module. */
const HITS_NAME = '$hits';
/** A loop that turns more often than this in one run never ends. */
const TURNS_MAX = 20_000_000;
const WORD_CHARACTERS_MAX = 40;

type Branch = Node & Record<string, unknown>;

/** The counters of all modules so far, and the words that were found in them. */
export class Instrumenter {
  /** Counters that are in use. */
  count = 0;
  readonly words = new Set<string>();
  readonly numbers = new Set<number>();
  private edits: { readonly at: number; readonly text: string }[] = [];

  /** @param source TypeScript. @returns JavaScript that counts */
  async instrument(source: string): Promise<string> {
    const { code } = await transform(source, {
      loader: 'ts',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    });
    this.edits = [];
    this.visit(parse(code, { ecmaVersion: 2022, sourceType: 'module' }) as Node as Branch);
    // Stable: at one place, what was noted first comes first.
    this.edits.sort((a, b) => a.at - b.at);
    let from = 0;
    let text = `const ${HITS_NAME} = ${METER_NAME}.hits;`;
    for (const edit of this.edits) {
      text += code.slice(from, edit.at) + edit.text;
      from = edit.at;
    }
    return text + code.slice(from);
  }

  private visit(node: Branch): void {
    const closings: (() => void)[] = [];
    this.open(node, closings);
    for (const key of Object.keys(node)) {
      const value = node[key];
      const children = Array.isArray(value) ? value : [value];
      for (const child of children) if (isNode(child)) this.visit(child);
    }
    while (closings.length > 0) closings.pop()?.();
  }

  private open(node: Branch, closings: (() => void)[]): void {
    const { type } = node;
    if (/Function/.test(type)) this.body(node.body as Branch);
    else if (type === 'IfStatement') {
      this.body(node.consequent as Branch);
      if (node.alternate) this.body(node.alternate as Branch);
    } else if (/^(?:For|While|DoWhile)/.test(type)) this.body(node.body as Branch, true);
    else if (type === 'ConditionalExpression') {
      this.body(node.consequent as Branch);
      this.body(node.alternate as Branch);
    } else if (type === 'LogicalExpression') this.body(node.right as Branch);
    else if (type === 'CatchClause') this.body(node.body as Branch);
    else if (type === 'SwitchCase') {
      const first = (node.consequent as Branch[])[0];
      if (first) this.edit(first.start, `${this.counter()};`);
    } else if (type === 'Literal') this.note(node.value);
    else if (isSized(node)) this.wrap(node, `${METER_NAME}.sized(`, closings);
    const own = this.pending.get(node);
    if (own) {
      this.edit(own.at, own.before);
      closings.push(() => this.edit(node.end, own.after));
    }
  }

  /** What is to be put around nodes that are not visited yet. */
  private readonly pending = new Map<Node, { at: number; before: string; after: string }>();

  private body(node: Branch, turns = false): void {
    const counter = turns ? `if (${this.counter()} > ${TURNS_MAX}) ${METER_NAME}.endless()` : '';
    const { start } = node;
    const count = counter === '' ? this.counter() : counter;
    if (node.type === 'BlockStatement') {
      this.pending.set(node, { at: start + 1, before: `${count};`, after: '' });
    } else if (/Statement$|Declaration$/.test(node.type)) {
      this.pending.set(node, { at: start, before: `{${count};`, after: '}' });
    } else this.pending.set(node, { at: start, before: `(${count}, `, after: ')' });
  }

  private wrap(node: Branch, before: string, closings: (() => void)[]): void {
    this.edit(node.start, before);
    closings.push(() => this.edit(node.end, ')'));
  }

  private edit(at: number, text: string): void {
    if (text !== '') this.edits.push({ at, text });
  }

  private counter(): string {
    return `++${HITS_NAME}[${this.count++}]`;
  }

  private note(value: unknown): void {
    if (typeof value === 'number' && Number.isInteger(value)) this.numbers.add(value);
    if (typeof value === 'string' && value !== '' && value.length <= WORD_CHARACTERS_MAX) {
      for (const word of [value, ...value.split(' ')]) if (word !== '') this.words.add(word);
    }
  }
}

function isNode(value: unknown): value is Branch {
  return typeof (value as Branch | null)?.type === 'string';
}

/** Whether a node makes as many bytes as it is told to. */
function isSized(node: Branch): boolean {
  const callee = node.callee as Branch | undefined;
  if (node.type === 'NewExpression') return /Array$/.test(String(callee?.name));
  if (node.type !== 'CallExpression') return false;
  const name = String(callee?.name ?? (callee?.property as Branch | undefined)?.name);
  return name === 'slice' || name === 'decodeUtf8';
}
