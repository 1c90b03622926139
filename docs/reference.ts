import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CATALOGUE } from '../constants/errors';
import { EVENT_TABLE } from '../constants/events';
import type { OptionTable } from '../config/schema';
import { BACKOFF_SECTION, SECTIONS } from './sections';
import type { Section } from './sections';

/** Writes docs/reference.md from the tables of options, events and errors. A test compares the two. */

const ERROR_EXAMPLE = `import { isHoldfastError } from 'holdfast';

try {
  await mail.add('welcome', { to: 'a@example.org' }, { priority: 10 });
} catch (error) {
  if (isHoldfastError(error, 'HOLDFAST_OPTION_INVALID')) console.error(error.field, error.expected);
}`;

/** Returns the whole page. */
export function referencePage(): string {
  return [
    '# Reference',
    'Made from the tables in `config/`, `constants/events.ts` and `constants/errors.ts` by `npx gulp docs`. Options resolve as defaults < environment < arguments, and are validated and frozen.',
    ...SECTIONS.flatMap((section) => [...headOf(section), optionTable(section.table)]),
    ...headOf(BACKOFF_SECTION),
    ...(BACKOFF_SECTION.table.anyOf ?? []).map(optionTable),
    '## Events',
    '`store.events.on(name, listener)`; what each listener gets is typed in `HoldfastEvents`.',
    fence('ts', "const off = store.events.on('task-dead', ({ task, error }) => console.error(task.id, error.message));"),
    table(
      ['event', 'logged as', 'meaning'],
      Object.entries(EVENT_TABLE).map(([name, { level, meaning }]) => [`\`${name}\``, level, meaning]),
    ),
    '## Errors',
    'Every error is a `HoldfastError` with a `code` that is never reused, and a `field` where one is at fault.',
    fence('ts', ERROR_EXAMPLE),
    table(
      ['code', 'what is wrong', 'how to fix it'],
      Object.entries(ERROR_CATALOGUE).map(([code, { says, fix }]) => [`\`${code}\``, says, fix]),
    ),
    '',
  ].join('\n\n');
}

const headOf = ({ title, use, language, example }: Section): string[] => [`## ${title}`, use, fence(language, example)];

const fence = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

/** Returns a table of options: range, default, variable and meaning. */
export function optionTable(options: OptionTable): string {
  const rows = flatten(options).map(([name, option]) => [
    `\`${name}\``,
    kindOf(option),
    defaultOf(option),
    option.env ? `\`${option.env}\`` : '',
    option.description ?? '',
  ]);
  return table(['option', 'type and range', 'default', 'environment', 'meaning'], rows);
}

function flatten(options: OptionTable, prefix = ''): [string, OptionTable][] {
  return Object.entries(options.properties ?? {}).flatMap(([name, option]): [string, OptionTable][] =>
    option.properties && prefix === '' && name !== 'retention' ? flatten(option, `${name}.`) : [[`${prefix}${name}`, option]],
  );
}

/** Returns the type of an option, with its range and unit. */
export function kindOf(option: OptionTable): string {
  if (option.kind) return option.kind;
  if (option.const !== undefined) return `\`${option.const}\``;
  if (option.enum) return option.enum.map((value) => `\`${value}\``).join(', ');
  if (option.anyOf || option.properties) return 'object, see below';
  const range = option.minimum === undefined ? '' : `, ${option.minimum} to ${option.maximum}${option.unit ? ` ${option.unit}` : ''}`;
  const length = option.maxLength === undefined ? '' : `, ${option.minLength ?? 0} to ${option.maxLength} characters`;
  return `${option.type ?? 'Date'}${range}${length}`;
}

const defaultOf = ({ default: value }: OptionTable): string => (value === undefined ? '' : `\`${JSON.stringify(value)}\``);

const cell = (text: string): string => text.replace(/\|/g, '\\|');

/** Returns a Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

if (require.main === module) writeFileSync(join(__dirname, '..', '..', 'docs', 'reference.md'), referencePage());
