/**
 * Makes arrows of a module's functions where nothing tells the difference: a function has a
 * prototype, which takes 48 bytes of the image, and an arrow has none.
 *
 * An arrow is there only from its line on. So whatever runs while the module is evaluated keeps its
 * functions, and all that these name in turn.
 */

import { type FunctionDeclaration, type Node, type Program, parse } from 'acorn';

type Plain = Node & Readonly<Record<string, unknown>>;

/** @param code a module in which no inner name hides one of the top level's, or few: those are kept */
export function withArrows(code: string): string {
  const program: Program = parse(code, { sourceType: 'module', ecmaVersion: 2022 });
  const kept = evaluated(program);
  let result = '';
  let at = 0;
  for (const node of program.body) {
    if (node.type !== 'FunctionDeclaration' || kept.has(node.id.name) || !isPlain(node)) continue;
    const { id, params, body, async } = node;
    const list = params.length === 0 ? '' : code.slice(params[0].start, params.at(-1)?.end);
    const head = `const ${id.name} = ${async ? 'async ' : ''}(${list}) => `;
    result += `${code.slice(at, node.start)}${head}${code.slice(body.start, body.end)};`;
    at = node.end;
  }
  return result + code.slice(at);
}

/** Whether it is called as a function only, and asks nothing of its call that an arrow lacks. */
function isPlain({ generator, body, params }: FunctionDeclaration): boolean {
  return !generator && ![body, ...params].some(asksOfItsCall);
}

function asksOfItsCall(node: Node): boolean {
  const { type } = node;
  if (type === 'ThisExpression' || type === 'MetaProperty') return true;
  if (type === 'FunctionDeclaration' || type === 'FunctionExpression') return false;
  if (type === 'Identifier' && (node as Plain).name === 'arguments') return true;
  return childrenOf(node).some(asksOfItsCall);
}

/** Names that the evaluation of the module comes to, and those that are made with `new`. */
function evaluated(program: Program): Set<string> {
  const byName = new Map<string, Node>();
  const open: string[] = [];
  for (const node of program.body) {
    if (node.type === 'FunctionDeclaration') byName.set(node.id.name, node);
    else if (node.type !== 'ExportNamedDeclaration' || node.declaration) {
      open.push(...namesIn(node, (inner) => !isLater(inner)));
    }
    if (node.type === 'ClassDeclaration') byName.set(node.id.name, node);
    if (node.type !== 'VariableDeclaration') continue;
    for (const { id, init } of node.declarations) {
      if (id.type === 'Identifier' && init) byName.set(id.name, init);
    }
  }
  const reached = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const node = byName.get(name);
    if (node !== undefined) open.push(...namesIn(node, () => true));
  }
  return new Set([...reached, ...constructed(program)]);
}

/** Code that runs when it is called, not where it stands. */
function isLater({ type }: Node): boolean {
  return type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}

/** Identifiers in what `enters` lets in; a property's name is none. */
function namesIn(node: Node, enters: (node: Node) => boolean): string[] {
  if (!enters(node)) return [];
  const { type, name, id, computed, property, key } = node as Plain;
  if (type === 'Identifier') return [String(name)];
  // What is declared is not used by that, and what follows a dot is no variable.
  const isDeclared = type === 'VariableDeclarator' || type === 'ClassDeclaration';
  const passed = isDeclared ? id : computed === false ? (property ?? key) : undefined;
  return childrenOf(node)
    .filter((child) => child !== passed)
    .flatMap((child) => namesIn(child, enters));
}

function constructed(node: Node): string[] {
  const made = node.type === 'NewExpression' ? ((node as Plain).callee as Plain) : undefined;
  const name = made?.type === 'Identifier' ? [String(made.name)] : [];
  return [...name, ...childrenOf(node).flatMap(constructed)];
}

function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) found.push(...value.filter(isNode));
    else if (isNode(value)) found.push(value);
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
