import type { TSchema } from 'typebox';

/** The schema of a table in `config/options`, or of one of its options. */
export interface OptionTable extends TSchema {
  readonly type?: string;
  readonly description?: string;
  readonly unit?: string;
  /** The type in words, if it is none of JSON's. */
  readonly kind?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  /** The environment variable that sets the option. */
  readonly env?: string;
  /** The expected value in words, where the schema alone does not describe it well. */
  readonly expects?: string;
  readonly properties?: Readonly<Record<string, OptionTable>>;
  /** The names of the required properties. */
  readonly required?: readonly string[];
  readonly items?: OptionTable;
  readonly anyOf?: readonly OptionTable[];
}
