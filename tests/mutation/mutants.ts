/**
 * The small changes that a source can have, each an answer to "would a test notice?", and the
 * source with all of them compiled in behind a number.
 */

import { SourceMap } from 'node:module';
import { type Node, parse } from 'acorn';
import { transformSync } from 'esbuild';

type Plain = Node & Readonly<Record<string, unknown>>;

/** One change of a source. */
export interface Mutant {
  /** Within its file, in the order of the text. */
  readonly id: number;
  readonly line: number;
  /** The nearest function with a name, or `module`. */
  readonly within: string;
  /** What stood there, an arrow, and what stands there now; with `#2` where it is the second such. */
  readonly change: string;
}

/** A source with its mutants compiled in. */
export interface Schemata {
  readonly mutants: readonly Mutant[];
  /** Asks `globalThis.isMutant(id)` at each place that has a mutant. */
  readonly code: string;
}

interface Edit {
  readonly node: Plain;
  readonly within: string;
  readonly texts: readonly string[];
}

const SWAPS: Readonly<Record<string, string>> = Object.freeze({
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
  '&': '|',
  '|': '&',
  '^': '|',
});
const LOGICAL: Readonly<Record<string, string>> = Object.freeze({ '&&': '||', '||': '&&' });
const ASSIGNING: Readonly<Record<string, string>> = Object.freeze({
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '<<=': '>>=',
  '>>=': '<<=',
  '>>>=': '<<=',
  '&=': '|=',
  '|=': '&=',
  '^=': '|=',
});
/** Operators of which either side can be taken out and the other is left. */
const WITH_TERMS = Object.freeze(['&&', '||', '??', '|', '&', '^']);
const HAS_CONDITION = Object.freeze([
  'IfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ForStatement',
  'ConditionalExpression',
]);
const CHANGE_TEXT_MAX = 160;

/**
 * @param source TypeScript with nothing to be compiled but types
 * @returns its mutants, and JavaScript in which `isMutant` chooses among them
 */
export function schemataOf(source: string): Schemata {
  const { code, map } = transformSync(source, {
    loader: 'ts',
    target: 'es2022',
    sourcemap: 'external',
    sourcefile: 'source.ts',
    tsconfigRaw: {
      compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: false },
    },
  });
  const program = parse(code, { sourceType: 'module', ecmaVersion: 2022 });
  const edits = new Map<Node, Edit>();
  collect(program as unknown as Plain, 'module', code, edits);
  const lines = new SourceMap(JSON.parse(map));
  const starts = lineStarts(code);
  const mutants: Mutant[] = [];
  const ids = new Map<Node, number>();
  const seen = new Map<string, number>();
  const inOrder = [...edits.values()].sort((a, b) => a.node.start - b.node.start);
  for (const { node, within, texts } of inOrder) {
    ids.set(node, mutants.length);
    const line = lineOf(lines, starts, node.start);
    for (const text of texts) {
      const plain = `${oneLine(code.slice(node.start, node.end))} → ${oneLine(text)}`;
      const count = (seen.get(`${within} ${plain}`) ?? 0) + 1;
      seen.set(`${within} ${plain}`, count);
      const change = count === 1 ? plain : `${plain} #${count}`;
      mutants.push({ id: mutants.length, line, within, change });
    }
  }
  const body = written(program as unknown as Plain, code, edits, ids);
  return { mutants, code: `const isMutant$ = globalThis.isMutant;\n${body}` };
}

function collect(node: Plain, within: string, code: string, edits: Map<Node, Edit>): void {
  const texts = within === 'constructor' && beginsFalse(node) ? [] : textsOf(node, code);
  if (texts.length > 0) edits.set(node, { node, within, texts: [...new Set(texts)] });
  if (HAS_CONDITION.includes(node.type) && node.test) {
    const test = node.test as Plain;
    const negated = `!(${code.slice(test.start, test.end)})`;
    // Negated already by what the condition itself can become.
    const has = textsOf(test, code);
    const isNegated =
      test.type === 'BinaryExpression' && /^[!=]==?$/.test(String(test.operator)) && has.length > 0;
    if (!isNegated && test.type !== 'UnaryExpression') {
      edits.set(test, { node: test, within, texts: [...new Set([negated, ...has])] });
    }
  }
  const name = nameOf(node) ?? within;
  for (const child of childrenOf(node)) {
    const earlier = edits.get(child);
    collect(child, name, code, edits);
    if (earlier !== undefined) edits.set(child, { ...earlier, within: name });
  }
}

/** What can stand in a node's place. */
function textsOf(node: Plain, code: string): string[] {
  const text = (part: unknown) => code.slice((part as Node).start, (part as Node).end);
  const { left, right, operator, argument } = node;
  const op = String(operator);
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const swapped = SWAPS[op] ?? LOGICAL[op];
      const texts = swapped === undefined ? [] : [`(${text(left)}) ${swapped} (${text(right)})`];
      if (WITH_TERMS.includes(op)) texts.push(text(left), text(right));
      // Text has no difference.
      const isText = op === '+' && [left, right].some((side) => isString(side as Plain));
      return isText ? [] : texts;
    }
    case 'UnaryExpression':
      return op === '!' || op === '~' || (op === '-' && (argument as Node).type !== 'Literal')
        ? [text(argument)]
        : [];
    case 'UpdateExpression': {
      const other = op === '++' ? '--' : '++';
      return [node.prefix ? `${other}${text(argument)}` : `${text(argument)}${other}`];
    }
    case 'AssignmentExpression':
      return op in ASSIGNING ? [`${text(left)} ${ASSIGNING[op]} ${text(right)}`] : [];
    case 'Literal':
      return literals(node.value);
    case 'ExpressionStatement':
      return isDroppable(node.expression as Plain) ? [';'] : [];
    case 'ReturnStatement':
      return returned(argument as Plain | null, text);
    case 'CallExpression': {
      const callee = text(node.callee);
      const other = callee === 'Math.min' ? 'Math.max' : 'Math.min';
      return /^Math\.(min|max)$/.test(callee) ? [`${other}${text(node).slice(callee.length)}`] : [];
    }
    default:
      return [];
  }
}

function literals(value: unknown): string[] {
  if (typeof value === 'boolean') return [`${!value}`];
  if (typeof value === 'number') return [`${value + 1}`, `(${value - 1})`];
  if (typeof value !== 'string') return [];
  if (value === '') return ["'mutant'"];
  // Prose is for people; of what programs read, no character counts less than another.
  return value.includes(' ') ? [] : ["''"];
}

function isString({ type, value }: Plain): boolean {
  return type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string');
}

/** Of a constructor, that a property is false: left out, it is undefined, and as false. */
function beginsFalse({ type, expression }: Plain): boolean {
  if (type !== 'ExpressionStatement') return false;
  const { type: kind, right } = expression as Plain;
  return kind === 'AssignmentExpression' && (right as Plain).value === false;
}

function isDroppable({ type, callee }: Plain): boolean {
  if (type === 'CallExpression') return (callee as Node).type !== 'Super';
  return type === 'AssignmentExpression';
}

/** A value that is looked at must be the right one; literals and conditions have their own. */
function returned(argument: Plain | null, text: (part: unknown) => string): string[] {
  if (argument === null || argument.type === 'Literal' || argument.type === 'LogicalExpression') {
    return [];
  }
  if (argument.type === 'UnaryExpression' && argument.operator === 'void') return [];
  const op = argument.type === 'BinaryExpression' ? String(argument.operator) : '';
  if (/^[!=]==?$/.test(op)) return [];
  return /^[<>]=?$/.test(op)
    ? [`return !(${text(argument)});`]
    : [`return void (${text(argument)});`];
}

/** The text of a node, in which each place asks which of its texts is wanted. */
function written(
  node: Plain,
  code: string,
  edits: ReadonlyMap<Node, Edit>,
  ids: ReadonlyMap<Node, number>,
): string {
  let result = '';
  let at = node.start;
  for (const child of childrenOf(node).sort((a, b) => a.start - b.start)) {
    // A shorthand property has one node twice.
    if (child.start < at) continue;
    result += code.slice(at, child.start) + written(child, code, edits, ids);
    at = child.end;
  }
  result += code.slice(at, node.end);
  const edit = edits.get(node);
  if (edit === undefined) return result;
  const first = ids.get(node)!;
  return node.type.endsWith('Statement')
    ? `{${edit.texts.map((text, i) => `if (isMutant$(${first + i})) {${text}} else `).join('')}{${result}}}`
    : `(${edit.texts.map((text, i) => `isMutant$(${first + i}) ? (${text}) : `).join('')}(${result}))`;
}

/** Of a class and what it holds, a function and a variable that is one. */
function nameOf(node: Plain): string | undefined {
  const named = (node.id ?? node.key) as Plain | undefined | null;
  const isNamed = /^(FunctionDeclaration|ClassDeclaration|MethodDefinition)$/.test(node.type);
  const isFunction =
    node.type === 'VariableDeclarator' && /Function/.test((node.init as Plain | null)?.type ?? '');
  return (isNamed || isFunction) && named ? String(named.name ?? named.value) : undefined;
}

/** Those that are evaluated: no name of a property, no module's name, no directive. */
function childrenOf(node: Plain): Plain[] {
  if (node.type.startsWith('Import') || node.type === 'ExportAllDeclaration') return [];
  if (node.type === 'ExpressionStatement' && node.directive !== undefined) return [];
  // The compiler writes undefined like this.
  if (node.type === 'UnaryExpression' && node.operator === 'void') return [];
  const children: Plain[] = [];
  for (const [name, value] of Object.entries(node)) {
    const isName = (name === 'key' && node.computed === false) || name === 'specifiers';
    if (isName || (name === 'source' && node.type.startsWith('Export'))) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && typeof each === 'object' && typeof each.type === 'string') {
        children.push(each as Plain);
      }
    }
  }
  return children;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > CHANGE_TEXT_MAX ? `${line.slice(0, CHANGE_TEXT_MAX)}…` : line;
}

function lineStarts(code: string): number[] {
  const starts = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(map: SourceMap, starts: readonly number[], at: number): number {
  let row = starts.findIndex((start) => start > at) - 1;
  if (row < 0) row = starts.length - 1;
  const entry = map.findEntry(row, at - starts[row]);
  return 'originalLine' in entry ? entry.originalLine + 1 : 0;
}
