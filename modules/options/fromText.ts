import { isRecord } from '../values/isRecord';
import type { OptionTable } from './optionTable';

const NUMERIC = new Set(['integer', 'number']);

/** Makes numbers of the texts that an environment or a command line gives for numeric options. Text that is no number stays, to be refused. */
export function fromText(table: OptionTable, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, convert(table.properties?.[key], value)]));
}

function convert(option: OptionTable | undefined, value: unknown): unknown {
  if (option?.properties && isRecord(value)) return fromText(option, value);
  const isNumeric = NUMERIC.has(option?.type ?? '') && typeof value === 'string' && value.trim() !== '';
  return isNumeric && !Number.isNaN(Number(value)) ? Number(value) : value;
}
