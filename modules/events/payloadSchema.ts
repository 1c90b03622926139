import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Static, TSchema } from 'typebox' with { 'resolution-mode': 'import' };
import { Compile } from 'typebox/compile';
import { HoldfastError } from '../errors/holdfastError';

/** A schema of payloads: any Standard Schema, or a JSON Schema, such as TypeBox makes. */
export type PayloadSchema = StandardSchemaV1 | TSchema;

/** The payload at `emit`, which a schema accepts. */
export type InputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : Schema extends TSchema
    ? Static<Schema>
    : never;

/** The payload at `process`, which a schema returns. */
export type OutputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Schema extends TSchema
    ? Static<Schema>
    : never;

/** Checks a payload and returns the output of the schema. The root names the payload in errors, by default `payload`. */
export type Validate = (payload: unknown, root?: string) => Promise<unknown>;

const ROOT = 'payload';

/** Maximum number of paths in an error. */
const MOST_FAULTS = 20;

/** Keys that can follow a dot in a path. */
const PLAIN_KEY = /^[\w$-]+$/;

/**
 * Returns the check of a schema.
 *
 * The check throws HOLDFAST_PAYLOAD_INVALID with the path of each error. The messages of a foreign schema are left out, because they may quote
 * the value.
 */
export function validatorOf(schema: PayloadSchema): Validate {
  return isStandard(schema) ? standardValidator(schema) : jsonValidator(schema);
}

function standardValidator(schema: StandardSchemaV1): Validate {
  return async (payload, root = ROOT) => {
    const answer = await schema['~standard'].validate(payload);
    if (answer.issues) throw refusal(answer.issues.map(({ path }) => pathOf(root, (path ?? []).map(keyOf))));
    return answer.value;
  };
}

function jsonValidator(schema: TSchema): Validate {
  const validator = Compile(schema);
  return async (payload, root = ROOT) => {
    if (validator.Check(payload)) return Promise.resolve(payload);
    throw refusal(validator.Errors(payload).flatMap((fault) => pathsOfFault(root, fault)));
  };
}

const isStandard = (schema: PayloadSchema): schema is StandardSchemaV1 => '~standard' in schema;

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): string => String(typeof segment === 'object' ? segment.key : segment);

/** Returns the path of a missing or surplus property itself, where the validator names the object around it. */
function pathsOfFault(root: string, { instancePath, params }: { readonly instancePath: string; readonly params: object }): string[] {
  const keys = instancePath.split('/').slice(1);
  const path = keys.map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
  const { requiredProperties } = params as { readonly requiredProperties?: readonly string[] };
  return requiredProperties ? requiredProperties.map((key) => pathOf(root, [...path, key])) : [pathOf(root, path)];
}

const pathOf = (root: string, keys: readonly string[]): string =>
  keys.reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : PLAIN_KEY.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`),
    root,
  );

function refusal(faults: readonly string[]): HoldfastError {
  const paths = [...new Set(faults)];
  const told = paths.slice(0, MOST_FAULTS);
  const rest = paths.length - told.length;
  return new HoldfastError('HOLDFAST_PAYLOAD_INVALID', { field: `${told.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`, paths });
}
