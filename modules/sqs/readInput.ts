import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import { isRecord } from '../values/isRecord';
import { INPUTS } from './inputs';
import type { InputOf, SqsAction } from './inputs';
import { SqsFault } from './sqsFault';

const ajv = new Ajv({ strict: false, allErrors: false, validateSchema: false, meta: false, addUsedSchema: false, logger: false });

const compiled = new Map<SqsAction, ValidateFunction>();

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Tells whether there is an action of this name. */
export const isAction = (name: string): name is SqsAction => Object.hasOwn(INPUTS, name);

/**
 * Reads the body of a request.
 *
 * @throws SqsFault `SerializationException`
 */
export function readInput<Action extends SqsAction>(action: Action, bytes: Uint8Array): InputOf<Action> {
  const given = parse(bytes);
  const check = checkOf(action);
  if (check(given)) return given as InputOf<Action>;
  const [first] = check.errors ?? [];
  throw new SqsFault('SerializationException', `${first?.instancePath ?? ''} ${first?.message ?? 'is not of the type that it must have'}.`.trim());
}

function checkOf(action: SqsAction): ValidateFunction {
  const check = compiled.get(action) ?? ajv.compile(INPUTS[action]);
  compiled.set(action, check);
  return check;
}

/** A member that is null is as good as none. */
function parse(bytes: Uint8Array): unknown {
  let given: unknown;
  try {
    given = bytes.length === 0 ? {} : JSON.parse(utf8.decode(bytes), (_key, value: unknown) => value ?? undefined);
  } catch {
    throw new SqsFault('SerializationException', 'The body of the request must be JSON in UTF-8.');
  }
  if (!isRecord(given)) throw new SqsFault('SerializationException', 'The body of the request must be a JSON object.');
  return given;
}
