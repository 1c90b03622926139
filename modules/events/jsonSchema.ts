import type * as ajv from 'ajv';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import type * as ajv2019 from 'ajv/dist/2019';
import type * as ajv2020 from 'ajv/dist/2020';
import type formats from 'ajv-formats';
import { isPlain } from '../values/isRecord';

/** Checks payloads by a JSON Schema. */
export interface JsonCheck {
  accepts(payload: unknown): boolean;
  /** Returns the faults of a payload: all of a small one, the first of a large one. */
  faultsOf(payload: unknown): readonly ErrorObject[];
}

/** A schema that would let pass what it was meant to refuse is no schema: an unknown keyword, or one that looks at another type. */
const STRICT: Options = { strict: true, allowUnionTypes: true, strictTuples: false, addUsedSchema: false, logger: false };

/** Maximum size of a payload, in characters of JSON, all of whose faults are looked for. Each fault costs some 400 bytes. */
const SMALL_CHARACTERS = 64 * 1024;

type Dialect = 'draft-07' | '2019-09' | '2020-12';

/**
 * Compiles a JSON Schema of draft 7, 2019-09 or 2020-12. A schema that does not name its draft may be of draft 7 or 2020-12.
 *
 * @throws an Error with the reason why a value is no JSON Schema.
 */
export function compileJsonSchema(schema: object): JsonCheck {
  if (!isPlain(schema)) throw new TypeError('an instance of a class is no JSON Schema');
  refuseHidden(schema);
  const [dialect, accepts] = firstThatCompiles(schema);
  let all: ValidateFunction | undefined;
  return {
    accepts,
    faultsOf: (payload) => {
      if ((JSON.stringify(payload) ?? '').length > SMALL_CHARACTERS) return accepts(payload) ? [] : (accepts.errors ?? []);
      all ??= compileBy(dialect, schema, true);
      return all(payload) ? [] : (all.errors ?? []);
    },
  };
}

function firstThatCompiles(schema: Readonly<Record<string, unknown>>): [Dialect, ValidateFunction] {
  const [first, second] = dialectsOf(schema['$schema']);
  try {
    return [first, compileBy(first, schema, false)];
  } catch (error) {
    if (!second) throw error;
    try {
      return [second, compileBy(second, schema, false)];
    } catch {
      throw error;
    }
  }
}

function dialectsOf(named: unknown): [Dialect, Dialect?] {
  if (typeof named !== 'string') return ['draft-07', '2020-12'];
  return [(['2019-09', '2020-12'] as const).find((dialect) => named.includes(dialect)) ?? 'draft-07'];
}

function compileBy(dialect: Dialect, schema: object, allErrors: boolean): ValidateFunction {
  const compiler = compilerOf(dialect, allErrors);
  try {
    const validate = compiler.compile(schema);
    if ('$async' in validate) throw new TypeError('a schema with $async answers too late');
    return validate;
  } finally {
    compiler.removeSchema(schema);
  }
}

const compilers = new Map<string, Ajv>();

/** A compiler takes 50 ms to make, most of it for the schema of schemas, so that there is one of each kind. */
function compilerOf(dialect: Dialect, allErrors: boolean): Ajv {
  const key = `${dialect} ${allErrors}`;
  const known = compilers.get(key);
  if (known) return known;
  const addFormats = require('ajv-formats') as typeof formats;
  const made = addFormats(makeCompiler(dialect, { ...STRICT, allErrors }));
  compilers.set(key, made);
  return made;
}

function makeCompiler(dialect: Dialect, options: Options): Ajv {
  if (dialect === 'draft-07') return new (require('ajv') as typeof ajv).Ajv(options);
  if (dialect === '2019-09') return new (require('ajv/dist/2019') as typeof ajv2019).Ajv2019(options);
  return new (require('ajv/dist/2020') as typeof ajv2020).Ajv2020(options);
}

/** Properties in which TypeBox hides checks that no JSON Schema has. */
const HIDDEN = ['~refine', '~codec'];

function refuseHidden(schema: unknown, within: readonly object[] = []): void {
  if (typeof schema !== 'object' || schema === null || within.includes(schema)) return;
  const hidden = HIDDEN.find((key) => Object.getOwnPropertyDescriptor(schema, key)?.enumerable === false);
  if (hidden !== undefined) throw new TypeError(`a JSON Schema has no ${hidden}; wrap it in a Standard Schema`);
  for (const inner of Object.values(schema)) refuseHidden(inner, [...within, schema]);
}
