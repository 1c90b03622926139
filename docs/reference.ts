import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import {
  backoffOptions,
  batchOptions,
  copyOptions,
  listOptions,
  purgeOptions,
  retentionOptions,
  runnerOptions,
  seedOptions,
  storeOptions,
  taskOptions,
  workerOptions,
} from '../config/options';
import { ERROR_CATALOGUE } from '../constants/errors';
import { EVENT_TABLE } from '../constants/events';
import type { OptionTable } from '../modules/optionTable';

/** Writes docs/reference.md from the tables of options, events and errors; a test holds the two together. */

const SECTIONS: readonly (readonly [string, string, TSchema])[] = [
  ['Opening a store', '`openStore(url)` or `openStore({ … })`', storeOptions],
  ['A task', '`queue.add(name, payload, { … })`', taskOptions],
  ['Retention of a task', '`retention: { … }`', retentionOptions],
  ['A worker', '`new Worker(store, { … })`', workerOptions],
  ['A batch handler', '`worker.handleBatch(name, handler, { … })`', batchOptions],
  ['A listing', '`queue.list({ … })`', listOptions],
  ['A purge', '`queue.purge({ … })`', purgeOptions],
  ['The runner', '`node index.js …`', runnerOptions],
  ['Copying', '`npm run copy -- …`', copyOptions],
  ['Seeding', '`npm run seed -- …`', seedOptions],
];

/** The whole page. */
export function referencePage(): string {
  return [
    '# Reference',
    'Made from the tables in `config/options.ts`, `constants/events.ts` and `constants/errors.ts` by `npx gulp docs`. Options resolve as defaults < environment < arguments, and are validated and frozen.',
    ...SECTIONS.flatMap(([title, use, table]) => [`## ${title}`, use, optionTable(table as OptionTable)]),
    '## Back-off',
    '`backoff: { … }` of a task: one of these.',
    ...((backoffOptions as OptionTable).anyOf ?? []).map(optionTable),
    '## Events',
    '`store.events.on(name, listener)`; what each listener gets is typed in `HoldfastEvents`.',
    table(
      ['event', 'logged as', 'meaning'],
      Object.entries(EVENT_TABLE).map(([name, { level, meaning }]) => [`\`${name}\``, level, meaning]),
    ),
    '## Errors',
    'Every error is a `HoldfastError` with a `code` that is never reused, and a `field` where one is at fault.',
    table(
      ['code', 'what is wrong', 'how to fix it'],
      Object.entries(ERROR_CATALOGUE).map(([code, { says, fix }]) => [`\`${code}\``, says, fix]),
    ),
    '',
  ].join('\n\n');
}

function optionTable(options: OptionTable): string {
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

function kindOf(option: OptionTable): string {
  if (option.const !== undefined) return `\`${option.const}\``;
  if (option.enum) return option.enum.map((value) => `\`${value}\``).join(', ');
  if (option.anyOf || option.properties) return 'object, see below';
  const range = option.minimum === undefined ? '' : `, ${option.minimum} to ${option.maximum}${option.unit ? ` ${option.unit}` : ''}`;
  const length = option.maxLength === undefined ? '' : `, ${option.minLength ?? 0} to ${option.maxLength} characters`;
  return `${option.type ?? 'Date'}${range}${length}`;
}

const defaultOf = ({ default: value }: OptionTable): string => (value === undefined ? '' : `\`${JSON.stringify(value)}\``);

const cell = (text: string): string => text.replace(/\|/g, '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

if (require.main === module) writeFileSync(join(__dirname, '..', '..', 'docs', 'reference.md'), referencePage());
