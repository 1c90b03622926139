import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ErrorObject } from 'ajv';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { redactText, secretsOf } from '../values/secretValues';
import { compileJsonSchema } from './jsonSchema';
import type { JsonCheck } from './jsonSchema';
import type { ValueOfJson } from './payloadType';

/** A schema of payloads: any Standard Schema, or a JSON Schema, such as TypeBox makes. */
export type PayloadSchema = StandardSchemaV1 | object;

/** The payload at `emit`, which a schema accepts. */
export type InputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferInput<Schema> : ValueOfJson<Schema>;

/** The payload at `process`, which a schema returns. */
export type OutputOf<Schema extends PayloadSchema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : ValueOfJson<Schema>;

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
 * The check throws HOLDFAST_PAYLOAD_INVALID with the path and the reason of each error. The values of the payload, which the message of a foreign
 * schema may quote, are removed from the reasons.
 *
 * @throws HOLDFAST_OPTION_INVALID for what is neither a Standard Schema nor a JSON Schema: it would accept everything, silently.
 */
export function validatorOf(schema: PayloadSchema): Validate {
  return '~standard' in schema ? standardValidator(checkedStandard(schema)) : jsonValidator(checkedJson(schema));
}

function checkedStandard(schema: { readonly '~standard': unknown }): StandardSchemaV1 {
  const standard = schema['~standard'];
  if (isRecord(standard) && typeof standard['validate'] === 'function') return schema as StandardSchemaV1;
  throw refusedSchema({ got: 'a ~standard without a validate function' });
}

function checkedJson(schema: object): JsonCheck {
  if (!isRecord(schema)) throw refusedSchema({ got: describeValue(schema) });
  try {
    return compileJsonSchema(schema);
  } catch (cause) {
    throw refusedSchema({ cause, because: (cause as Error).message });
  }
}

const refusedSchema = (detail: { readonly got?: string; readonly cause?: unknown; readonly because?: string }): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'event.schema', expected: 'a Standard Schema or a JSON Schema', ...detail });

function standardValidator(schema: StandardSchemaV1): Validate {
  return async (payload, root = ROOT) => {
    const answer = await schema['~standard'].validate(payload);
    if (answer.issues) throw refusal(answer.issues.map((issue) => faultOfIssue(issue, payload, root)));
    return answer.value;
  };
}

function jsonValidator(check: JsonCheck): Validate {
  return async (payload, root = ROOT) => {
    if (check.accepts(payload)) return Promise.resolve(payload);
    throw refusal(check.faultsOf(payload).map((fault) => ({ path: pathOfFault(root, fault), reason: reasonOf(fault) })));
  };
}

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): string => String(typeof segment === 'object' ? segment.key : segment);

/** Returns the path of a missing or surplus property itself, where the validator names the object around it. */
function pathOfFault(root: string, { instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as { readonly missingProperty?: string; readonly additionalProperty?: string };
  const keys = instancePath.split('/').slice(1);
  const path = keys.map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
  return pathOf(root, [...path, missingProperty ?? additionalProperty ?? []].flat());
}

const pathOf = (root: string, keys: readonly string[]): string =>
  keys.reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : PLAIN_KEY.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`),
    root,
  );

/** One thing that is wrong with a payload. */
interface Fault {
  readonly path: string;
  readonly reason: string;
}

function faultOfIssue({ path = [], message }: StandardSchemaV1.Issue, payload: unknown, root: string): Fault {
  const keys = path.map(keyOf);
  const value = keys.reduce<unknown>(
    (inner, key) => (isRecord(inner) || Array.isArray(inner) ? (inner as Record<string, unknown>)[key] : undefined),
    payload,
  );
  const own = typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  return { path: pathOf(root, keys), reason: redactText(message, new Set([...secretsOf(payload, undefined), ...own])) };
}

/** Returns the reason in the words of the validator, which quote the schema and never the value. */
function reasonOf({ keyword, message = 'is refused', params }: ErrorObject): string {
  const { allowedValues, allowedValue } = params as { readonly allowedValues?: unknown; readonly allowedValue?: unknown };
  if (keyword === 'required') return 'must be given';
  if (keyword === 'additionalProperties') return 'is not in the schema';
  if (keyword === 'enum') return `${message}: ${JSON.stringify(allowedValues)}`;
  if (keyword === 'const') return `${message} ${JSON.stringify(allowedValue)}`;
  return message;
}

function refusal(faults: readonly Fault[]): HoldfastError {
  const paths = [...new Set(faults.map(({ path }) => path))];
  const told = paths.slice(0, MOST_FAULTS);
  const rest = paths.length - told.length;
  const reasons = faults.slice(0, MOST_FAULTS).map(({ path, reason }) => (paths.length === 1 ? reason : `${path} ${reason}`));
  const field = `${told.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return new HoldfastError('HOLDFAST_PAYLOAD_INVALID', { field, paths, because: [...new Set(reasons)].join('; ') });
}
