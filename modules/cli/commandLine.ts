import { Option } from 'commander';
import type { Command } from 'commander';
import { fromText } from '../options/fromText';
import { withSource } from '../options/optionSource';
import type { OptionTable, ValueOf } from '../../config/schema';
import { resolveOptions } from '../options/resolveOptions';

/** Adds a flag for each named option of a table: `maxConcurrency` becomes `--max-concurrency`. An option that is true or false takes no value. */
export function addFlags(command: Command, table: OptionTable, names: readonly string[], heading?: string): Command {
  for (const name of names) {
    const flag = flagOf(name, optionAt(table, name));
    command.addOption(heading === undefined ? flag : flag.helpGroup(heading));
  }
  return command;
}

/**
 * Converts the flags that commander parsed to the shape of a table: text to numbers, names such as `pollInterval.minMs` to nested objects.
 * Flags that were not given are left out, so that environment and defaults apply.
 */
export function readFlags(table: OptionTable, names: readonly string[], parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of names) {
    const value = parsedAt(parsed, name);
    if (value !== undefined) assign(given, name.split('.'), value);
  }
  return fromText(table, given);
}

/**
 * Resolves the options of a table from flags, then from the environment, then from the defaults.
 *
 * @param rest options that have no flag.
 * @throws HOLDFAST_OPTION_… naming the flag or the variable at fault.
 */
export function resolveFlags<Schema extends OptionTable>(
  table: Schema,
  names: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
  owner: string,
  rest: object = {},
): Readonly<ValueOf<Schema>> {
  try {
    return resolveOptions(table, { ...rest, ...readFlags(table, names, parsed) }, owner);
  } catch (error) {
    const given = names.filter((name) => parsedAt(parsed, name) !== undefined);
    throw withSource(
      error,
      owner,
      given.map((name) => [name, `--${flagName(name)}`]),
    );
  }
}

const parsedAt = (parsed: Readonly<Record<string, unknown>>, name: string): unknown =>
  parsed[flagName(name).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];

const optionAt = (table: OptionTable, name: string): OptionTable =>
  name.split('.').reduce<OptionTable>((inner, key) => inner.properties?.[key] ?? {}, table);

const flagName = (name: string): string =>
  name.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flags that have a letter as well. */
const LETTERS: Readonly<Record<string, string>> = {
  url: 'u',
  server: 's',
  output: 'o',
  yes: 'y',
  queue: 'q',
  queues: 'q',
  require: 'r',
  concurrency: 'c',
};

function flagOf(name: string, described: OptionTable): Option {
  const letter = LETTERS[name];
  const long = `${letter === undefined ? '' : `-${letter}, `}--${flagName(name)}`;
  if (described.type === 'boolean') return new Option(long, described.description);
  const isList = described.type === 'array';
  const flag = new Option(`${long} <${described.unit ?? (isList ? 'list' : 'value')}>`, describeFlag(described));
  return isList ? flag.argParser((text: string) => text.split(',').map((item) => item.trim())) : flag;
}

function describeFlag({ description = '', minimum, maximum, enum: values, default: fallback, env }: OptionTable): string {
  const facts = [
    ...(values ? [values.join(', ')] : []),
    ...(minimum === undefined ? [] : [`${minimum} to ${String(maximum)}`]),
    ...(fallback === undefined ? [] : [`default: ${textOf(fallback)}`]),
    ...(env === undefined ? [] : [`env: ${env}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

function assign(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return;
  if (rest.length === 0) target[key] = value;
  else assign((target[key] ??= {}) as Record<string, unknown>, rest, value);
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(',') : String(value));
