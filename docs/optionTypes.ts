import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventOptions, eventRetentionOptions, hubOptions, repeatOptions, scheduleOptions } from '../config/eventOptions';
import { backoffOptions, batchOptions, resultOptions, retentionOptions, storeOptions, taskOptions, workerOptions } from '../config/options';
import { failuresOptions, statisticsOptions } from '../config/observeOptions';
import { batchStart, listOptions, matchingOptions, searchOptions } from '../config/searchOptions';
import { countOptions, purgeOptions, redriveOptions } from '../config/bulkOptions';
import {
  brokerOptions,
  deadLetterOptions,
  deadLetterRedriveOptions,
  listQueuesOptions,
  peekOptions,
  queueAttributes,
  receiveOptions,
  releaseOptions,
  sendOptions,
} from '../config/brokerOptions';
import { httpOptions } from '../config/httpOptions';
import { mailOptions } from '../config/mailOptions';
import { EVENT_TABLE } from '../constants/events';
import type { OptionTable } from '../config/schema';
import { kindOf } from './reference';

/**
 * Writes config/optionTypes.ts, which has the types of options that users see, and the doc comments of handwritten types that have a table. An editor
 * shows both. It runs before the compiler, which needs the types.
 */

interface OptionType {
  readonly name: string;
  readonly says: string;
  readonly table: OptionTable;
}

const TYPES: readonly OptionType[] = [
  {
    name: 'Backoff',
    says: 'The delay before a failed task is tried again: the same each time, one that doubles between two bounds, or a function of the worker.',
    table: backoffOptions,
  },
  { name: 'Retention', says: 'Maximum age of finished tasks, by state.', table: retentionOptions },
  { name: 'TaskOptions', says: 'Options of one task, at `queue.add`.', table: taskOptions },
  { name: 'BatchOptions', says: 'Options of a batch handler, at `worker.handleBatch`.', table: batchOptions },
  { name: 'WorkerOptions', says: 'Options of a worker as they are resolved: what `new Worker` takes is `WorkerArguments`.', table: workerOptions },
  { name: 'StoreOptions', says: 'Options of `openStore`.', table: storeOptions },
  { name: 'ListOptions', says: 'Filters and paging of `queue.list`.', table: listOptions },
  { name: 'SearchOptions', says: 'Options of `store.search`.', table: searchOptions },
  { name: 'MatchingOptions', says: 'Options of `store.countMatching`.', table: matchingOptions },
  { name: 'BatchStart', says: 'What `store.batches.start` is asked for.', table: batchStart },
  { name: 'ResultOptions', says: 'Options of `queue.result`.', table: resultOptions },
  { name: 'CountOptions', says: 'Options of `queue.counts`.', table: countOptions },
  { name: 'PurgeOptions', says: 'Options of `queue.purge`.', table: purgeOptions },
  { name: 'RedriveOptions', says: 'Options of `queue.redrive`.', table: redriveOptions },
  { name: 'StatisticsOptions', says: 'Options of `store.statistics.read`.', table: statisticsOptions },
  { name: 'FailuresOptions', says: 'Options of `store.failures.list`.', table: failuresOptions },
  { name: 'Overlap', says: 'Action at an occurrence while the task of the previous one goes on.', table: scheduleOptions.properties.overlap },
  { name: 'Misfire', says: 'Action for missed occurrences.', table: scheduleOptions.properties.misfire },
  { name: 'ScheduleOptions', says: 'A schedule that is stored by `scheduler.upsert`, as it is resolved.', table: scheduleOptions },
  { name: 'RepeatOptions', says: 'The schedule of an event, as it is resolved.', table: repeatOptions },
  { name: 'EventRetention', says: 'Age and number up to which finished events are kept.', table: eventRetentionOptions },
  { name: 'HubOptions', says: 'Options of an EventHub.', table: hubOptions },
  { name: 'BrokerOptions', says: 'Options of `new Broker`, as they are resolved.', table: brokerOptions },
  { name: 'QueueAttributes', says: 'Attributes of a queue of the broker.', table: queueAttributes },
  { name: 'SendOptions', says: 'Options of `broker.send` and `broker.sendMany`.', table: sendOptions },
  { name: 'ReceiveOptions', says: 'Options of `broker.receive`, as they are resolved.', table: receiveOptions },
  { name: 'ReleaseOptions', says: 'Options of `broker.release`, as they are resolved.', table: releaseOptions },
  { name: 'DeadLetterOptions', says: 'Options of `broker.deadLetter`, as they are resolved.', table: deadLetterOptions },
  { name: 'PeekOptions', says: 'Options of `broker.peek`, as they are resolved.', table: peekOptions },
  { name: 'DeadLetterRedriveOptions', says: 'Options of `broker.redrive`.', table: deadLetterRedriveOptions },
  { name: 'HttpOptions', says: 'Options of `httpClient` and `httpHandler`, as they are resolved.', table: httpOptions },
  { name: 'MailOptions', says: 'Options of `mailClient` and `mailHandler`, as they are resolved.', table: mailOptions },
  { name: 'ListQueuesOptions', says: 'Options of `broker.listQueues`, as they are resolved.', table: listQueuesOptions },
];

const ON_PROGRESS = '(progress: { readonly seen: number; readonly changed: number; readonly clashed: number }) => void';

/** Types that have a name, or that a table cannot express. */
const TOLD_TYPES: Readonly<Record<string, string>> = {
  'TaskOptions.backoff': 'Backoff',
  'TaskOptions.retention': 'Partial<Retention>',
  'WorkerOptions.queueWeights': 'Readonly<Record<string, number>>',
  'WorkerOptions.handlers': 'Record<string, (context: never) => unknown>',
  'WorkerOptions.backoffs': 'Record<string, (failures: number, error: { name: string; message: string }) => number>',
  ...Object.fromEntries(
    ['PurgeOptions', 'RedriveOptions'].flatMap((name) => [
      [`${name}.signal`, 'AbortSignal'],
      [`${name}.onProgress`, ON_PROGRESS],
    ]),
  ),
  'ReceiveOptions.signal': 'AbortSignal',
  'HttpOptions.originHeaders': 'Readonly<Record<string, Readonly<Record<string, string>>>>',
  'MailOptions.smtp': 'string | Readonly<Record<string, unknown>>',
  'MailOptions.templates': 'Readonly<Record<string, { readonly subject: string; readonly text: string; readonly html?: string }>>',
  'HttpOptions.lookup': `(
    hostname: string,
    options: { readonly all: true },
    callback: (error: Error | null, addresses: { address: string; family: number }[]) => void,
  ) => void`,
  'ScheduleOptions.options': "Omit<TaskOptions, 'delayMs' | 'runAt' | 'uniqueKey' | 'deadline'>",
};

/** The handwritten interfaces by their files, each with the comments of its properties. */
export const COMMENTED: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  'modules/events/eventPlan.ts': {
    EventHooks: commentsOf(eventOptions.properties.hooks),
    EventArguments: commentsOf(eventOptions),
  },
  'modules/worker/handlerTypes.ts': { WorkerArguments: commentsOf(workerOptions) },
  'constants/events.ts': { HoldfastEvents: Object.fromEntries(Object.entries(EVENT_TABLE).map(([name, { meaning }]) => [name, meaning])) },
};

const WIDTH = 150;

/** Returns the text of config/optionTypes.ts. */
export function optionTypes(): string {
  const head =
    '/** The types of the tables in config/options.ts and config/eventOptions.ts, made by `npx gulp docs`; a test holds the two together. */\n';
  return [head, ...TYPES.map(declarationOf)].join('\n');
}

function declarationOf({ name, says, table }: OptionType): string {
  const option = table;
  const body = option.properties ? `export interface ${name} ${shapeOf(option, name, '')}\n` : `export type ${name} =${choicesOf(option, name)};\n`;
  return `${commentOf(says, '')}${body}`;
}

const choicesOf = (option: OptionTable, name: string): string =>
  option.anyOf ? option.anyOf.map((choice) => `\n  | ${shapeOf(choice, name, '    ')}`).join('') : ` ${typeOf(option, name, '')}`;

function shapeOf({ properties = {}, required = [] }: OptionTable, path: string, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, option]) => {
    const type = typeOf(option, `${path}.${name}`, inner);
    return `${commentOf(hoverOf(option), inner)}${inner}readonly ${name}${required.includes(name) ? '' : '?'}: ${type};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

function typeOf(option: OptionTable, path: string, indent: string): string {
  const told = TOLD_TYPES[path];
  if (told !== undefined) return told;
  if (option.properties) return shapeOf(option, path, indent);
  if (option.const !== undefined) return `'${option.const}'`;
  if (option.enum) return option.enum.map((value) => `'${value}'`).join(' | ');
  if (option.kind === 'value') return 'unknown';
  if (option.items) return arrayOf(typeOf(option.items, path, indent));
  if (option.type === 'object') return 'Readonly<Record<string, unknown>>';
  if (option.type === 'integer') return 'number';
  return option.type ?? 'Date';
}

const arrayOf = (item: string): string => (item.includes(' ') ? `(${item})[]` : `${item}[]`);

/** Returns the comment of each option in a table, nested ones included, by its path. */
function commentsOf(table: OptionTable, prefix = ''): Readonly<Record<string, string>> {
  const { properties = {} } = table;
  const told = Object.entries(properties).flatMap(([name, option]): [string, string][] => [
    [`${prefix}${name}`, hoverOf(option)],
    ...Object.entries(commentsOf(option, `${prefix}${name}.`)),
  ]);
  return Object.fromEntries(told);
}

/** Returns the meaning of an option, its range, its default and its variable. */
function hoverOf(option: OptionTable): string {
  const { description = '', env, properties } = option;
  if (properties) return description;
  const isBounded = option.minimum !== undefined || option.maxLength !== undefined;
  const preset = JSON.stringify(option.default) ?? '{}';
  const byDefault = preset === '{}' ? '' : `by default \`${preset}\``;
  const facts = [isBounded ? kindOf(option) : '', byDefault, env ? `environment variable \`${env}\`` : ''].filter(Boolean);
  return `${description}${facts.length > 0 ? ` (${facts.join('; ')})` : ''}`.trim();
}

/** Returns a doc comment, or nothing for an empty text. */
function commentOf(text: string, indent: string): string {
  if (text === '') return '';
  const safe = text.replace(/\*\//g, '*\\/').replace(/(^|\s)(@\w+)/g, '$1`$2`');
  const line = `${indent}/** ${safe} */\n`;
  if (line.length <= WIDTH) return line;
  const room = new RegExp(`(.{1,${WIDTH - indent.length - 3}})(?: |$)`, 'g');
  return `${indent}/**\n${safe.replace(room, `${indent} * $1\n`)}${indent} */\n`;
}

/** Returns the source of a file with the current comments of its interfaces. */
export const withComments = (source: string, interfaces: Readonly<Record<string, Readonly<Record<string, string>>>>): string =>
  Object.entries(interfaces).reduce(
    (left, [name, comments]) =>
      left.replace(new RegExp(`(^export interface ${name}\\b.*\\{\\n)([^]*?)(^\\}$)`, 'm'), (_, head: string, body: string, end: string) =>
        [head, commented(body, comments), end].join(''),
      ),
    source,
  );

/** Replaces the comment of each property with that of the table. If the table has none, the old comment stays. */
function commented(body: string, comments: Readonly<Record<string, string>>): string {
  const path: string[] = [];
  return body.replace(/((?:^ +\/?\*.*\n)*)^( +)(.*)\n/gm, (all: string, before: string, indent: string, line: string) => {
    const name = /^(?:readonly )?'?([\w-]+)'?\??:/.exec(line)?.[1];
    path.length = indent.length / 2 - 1;
    if (name === undefined) return all;
    path.push(name);
    const text = comments[path.join('.')];
    return `${text ? commentOf(text, indent) : before}${indent}${line}\n`;
  });
}

if (require.main === module) {
  const root = process.cwd();
  writeFileSync(join(root, 'config', 'optionTypes.ts'), optionTypes());
  for (const [path, interfaces] of Object.entries(COMMENTED)) {
    const file = join(root, path);
    writeFileSync(file, withComments(readFileSync(file, 'utf8'), interfaces));
  }
}
