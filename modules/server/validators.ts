import { Ajv } from 'ajv';
import type { AnySchemaObject, ErrorObject, Options } from 'ajv';
import { isRecord } from '../values/isRecord';

/** A schema of one part of a request, as the framework passes it. */
export interface RouteSchema {
  readonly schema: unknown;
  readonly httpPart?: string;
}

/** A check of a value. The framework reads the errors from the function. */
interface Validator {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** The schemas are ours. An error carries the value, from which its text names the kind. */
const OPTIONS: Options = { strict: false, allErrors: false, verbose: true, addUsedSchema: false, meta: false, validateSchema: false, logger: false };

const isBranch = (schema: unknown): schema is AnySchemaObject => typeof schema === 'object' && schema !== null && 'properties' in schema;

/**
 * Makes the checks of requests. A body is checked as it is; the texts of a query and of headers are read as the types of their schema first.
 */
export function makeValidators(): (given: RouteSchema) => Validator {
  const exact = new Ajv(OPTIONS);
  const texts = new Ajv({ ...OPTIONS, coerceTypes: true });
  return ({ schema, httpPart }) => (httpPart === 'body' ? choice(exact, schema as AnySchemaObject) : texts.compile(schema as AnySchemaObject));
}

/**
 * Of a union of objects, checks the one that the value means: a later one if it has the first field that this requires, else the first. So a fault is named where it
 * is, and not as "none of several".
 */
function choice(ajv: Ajv, schema: AnySchemaObject): Validator {
  const branches = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as unknown[]) : [];
  if (!branches.every(isBranch)) return ajv.compile(schema);
  const [first, ...others] = branches.map((branch) => ({ key: (branch['required'] as string[] | undefined)?.[0], check: ajv.compile(branch) }));
  if (!first) return ajv.compile(schema);
  const chosen: Validator = (value) => {
    const isMeant = (key: string | undefined): boolean => key !== undefined && isRecord(value) && Object.hasOwn(value, key);
    const { check } = others.find(({ key }) => isMeant(key)) ?? first;
    const holds = check(value) === true;
    chosen.errors = check.errors ?? null;
    return holds;
  };
  return chosen;
}
