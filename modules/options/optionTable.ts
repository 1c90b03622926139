import type { TSchema } from 'typebox';

/** What a table of `config/options` says of itself, or of one of its options. */
export interface OptionTable extends TSchema {
  readonly type?: string;
  readonly description?: string;
  readonly unit?: string;
  /** What it is, where that is no type of JSON. */
  readonly kind?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  /** The environment variable that sets it. */
  readonly env?: string;
  /** What to say that it must be, where the schema alone does not say it well. */
  readonly expects?: string;
  readonly properties?: Readonly<Record<string, OptionTable>>;
  /** The names of the properties that cannot be left out. */
  readonly required?: readonly string[];
  readonly items?: OptionTable;
  readonly anyOf?: readonly OptionTable[];
}
