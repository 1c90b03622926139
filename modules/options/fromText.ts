import { isRecord } from '../values/isRecord';
import type { OptionTable } from '../../config/schema';

const NUMERIC = new Set(['integer', 'number']);

/** Converts numeric options from the text of an environment variable or command line. Text that is no number is kept, and refused later. */
export function fromText(table: OptionTable, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, convert(table.properties?.[key], value)]));
}

function convert(option: OptionTable | undefined, value: unknown): unknown {
  if (option?.properties && isRecord(value)) return fromText(option, value);
  const isNumeric = NUMERIC.has(option?.type ?? '') && typeof value === 'string' && value.trim() !== '';
  return isNumeric && !Number.isNaN(Number(value)) ? Number(value) : value;
}
