import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Static, TSchema } from 'typebox' with { 'resolution-mode': 'import' };
import { Compile } from 'typebox/compile';
import { HoldfastError } from '../errors/holdfastError';

/** A schema of payloads: any Standard Schema, or a JSON Schema as TypeBox makes them. */
export type PayloadSchema = StandardSchemaV1 | TSchema;

/** What a schema takes, at `emit`. */
export type InputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Schema>
  : Schema extends TSchema
    ? Static<Schema>
    : never;

/** What a schema makes of it, for `process`. */
export type OutputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Schema extends TSchema
    ? Static<Schema>
    : never;

/** Checks a payload, and returns what the schema makes of it; the root names it in errors, by default `payload`. */
export type Validate = (payload: unknown, root?: string) => Promise<unknown>;

const ROOT = 'payload';

/** The most faults that an error names. */
const MOST_FAULTS = 20;

/** A key of a path that can be written after a dot. */
const PLAIN_KEY = /^[\w$-]+$/;

/**
 * Makes the check of a schema.
 *
 * It throws HOLDFAST_PAYLOAD_INVALID with the path of each fault; what a foreign schema says of a fault may quote the value, and is left out.
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

/** What is missing or too much is the field at fault, not what holds it. */
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
