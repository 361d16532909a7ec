/** The fields of a schema as a Markdown table, for `docs/payloads.md`. */

import { readFileSync } from 'node:fs';
import { partOf, type Schema } from './schemas.ts';

export const DOCUMENT = new URL('../../docs/payloads.md', import.meta.url);

/** What stands in a pattern for a number in a name. */
const NUMBERS: readonly (readonly [string, string])[] = Object.freeze([
  ['(_([2-9]|[1-9][0-9]))?', ''],
  ['(_(min|max))?', ''],
  ['([0-9]|[1-4][0-9])', 'N'],
  ['[a-z0-9]+(-[0-9a-f]+){0,2}', 'NAME'],
]);
const TABLE = /(<!-- fields of ([a-z]+)#?(\S*) -->\n)[\s\S]*?(<!-- end -->)/g;

/** @throws Error where a pattern has more in it than `NUMBERS` */
function nameOf(pattern: string): string {
  let name = pattern.replace(/^\^|\$$/g, '');
  for (const [part, word] of NUMBERS) name = name.replaceAll(part, word);
  if (!/^[\w]+$/.test(name)) throw new Error(`the pattern ${pattern} needs a word for people`);
  return name;
}

function valuesOf(schema: Omit<Schema, '$id'>): string {
  const { type, minimum, maximum } = schema;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const types = [type].flat().join(' or ').replace('integer', 'whole number');
  const isOpen = maximum === undefined || maximum > 1e9;
  if (minimum === undefined) return types;
  return isOpen ? `${types}, ${minimum} or more` : `${types}, ${minimum} to ${maximum}`;
}

function tableOf(name: string, pointer: string): string {
  const { properties = {}, patternProperties = {}, required = [] } = partOf(name, pointer);
  const fields = [
    ...Object.entries(properties),
    ...Object.entries(patternProperties).map(([key, field]) => [nameOf(key), field] as const),
  ];
  const rows = fields.map(([key, { $ref, ...own }]) => {
    const field = $ref === undefined ? own : partOf(name, $ref.slice(1));
    const always = required.includes(key) ? 'always' : '';
    return `| \`${key}\` | ${valuesOf(field)} | ${always} | ${field.description} |\n`;
  });
  return `| field | value | | meaning |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

/** The document as it is, and as its tables would be if they were printed now. */
export function printed(): { readonly before: string; readonly after: string } {
  const before = readFileSync(DOCUMENT, 'utf8');
  const after = before.replace(
    TABLE,
    (_all, open: string, name: string, pointer: string, close: string) => {
      return `${open}\n${tableOf(name, pointer)}\n${close}`;
    },
  );
  return { before, after };
}
