import type * as ajv from 'ajv';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { Check, OptionTable, ValueOf } from '../../config/schema';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { unknownOption } from './refuseUnknown';

/** A text so short and plain that it is hardly a secret, and certainly no URL. */
const WORD = /^[\w+.-]{1,20}$/;

const validators = new WeakMap<OptionTable, ValidateFunction>();

/**
 * Returns the validator, which is made at the first check: it takes 30 ms to load.
 *
 * The tables are ours, so that the validator need not check them by the schema of schemas, which would take it 30 ms more.
 */
const theValidator = (): Ajv => (made ??= makeValidator());

let made: Ajv | undefined;

function makeValidator(): Ajv {
  const validator = new (require('ajv') as typeof ajv).Ajv({ allErrors: true, meta: false, validateSchema: false });
  validator.addVocabulary(['unit', 'kind', 'env', 'expects']);
  return validator.addKeyword({ keyword: 'is', validate: ({ holds }: Check, value: unknown) => holds(value) });
}

/**
 * Checks a value against its table in `config/options`, without filling in defaults.
 *
 * @param owner the name of the value in errors, for example `options`.
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID with the field and the expected value.
 */
export function checkOptions<Schema extends OptionTable>(schema: Schema, given: unknown, owner: string): asserts given is ValueOf<Schema> {
  const table: OptionTable = schema;
  const validate = validatorOf(table);
  if (!validate(given)) throw faultOf(table, validate.errors ?? [], given, owner);
  if (table.properties && !isRecord(given)) throw invalid(owner, 'an object of options', describeValue(given));
}

function validatorOf(table: OptionTable): ValidateFunction {
  const known = validators.get(table);
  if (known) return known;
  const compiled = theValidator().compile(table);
  validators.set(table, compiled);
  return compiled;
}

/** The deepest fault says most: those above it only follow from it. A name that there is not may be that of the option which is missing. */
function faultOf(table: OptionTable, faults: readonly ErrorObject[], given: unknown, owner: string): HoldfastError {
  const rank = (fault: ErrorObject): number => 2 * pathOf(fault).length + (fault.keyword === 'additionalProperties' ? 1 : 0);
  const fault = faults.reduce((deepest, next) => (rank(next) > rank(deepest) ? next : deepest));
  return faultOfChoice(table, given, owner, pathOf(fault)) ?? plainFault(table, fault, given, owner);
}

/** If the option takes one of several shapes, only the shape of the given `type` is checked against. */
function faultOfChoice(table: OptionTable, given: unknown, owner: string, path: readonly string[]): HoldfastError | undefined {
  for (let length = 0; length <= path.length; length += 1) {
    const way = path.slice(0, length);
    const choices = choicesOf(tableAt(table, way));
    if (choices.length === 0) continue;
    const value = valueAt(given, way);
    const field = [owner, ...way].join('.');
    if (!isRecord(value)) return invalid(field, 'an object', describeValue(value));
    const { type } = value;
    const chosen = choices.find(({ properties }) => properties?.['type']?.const === type);
    if (chosen) return faultOfChosen(chosen, value, field);
    return invalid(`${field}.type`, `one of ${choices.map(({ properties }) => properties?.['type']?.const).join(', ')}`, describeWord(type));
  }
  return undefined;
}

function faultOfChosen(chosen: OptionTable, value: unknown, field: string): HoldfastError {
  const validate = validatorOf(chosen);
  validate(value);
  return faultOf(chosen, validate.errors ?? [], value, field);
}

/** The shapes that have a `type`, including those of nested choices. */
const choicesOf = (option: OptionTable | undefined): OptionTable[] =>
  (option?.anyOf ?? []).flatMap((choice) => (choice.anyOf ? choicesOf(choice) : choice.properties?.['type'] ? [choice] : []));

function plainFault(table: OptionTable, fault: ErrorObject, given: unknown, owner: string): HoldfastError {
  const path = pathOf(fault);
  const field = [owner, ...path].join('.');
  if (fault.keyword === 'additionalProperties') {
    const known = Object.keys(tableAt(table, path.slice(0, -1))?.properties ?? {});
    return unknownOption(path.at(-1) ?? '', known, field);
  }
  const option = tableAt(table, path);
  const expected = expectationOf(option, fault);
  return isTold(option, fault) ? invalid(field, expected) : invalid(field, expected, describeGiven(option, valueAt(given, path)));
}

const invalid = (field: string, expected: string, got?: string): HoldfastError =>
  new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, ...(got === undefined ? {} : { got }) });

/** A missing value, or an object whose properties contradict each other, needs no description of the actual value. */
const isTold = (option: OptionTable | undefined, { keyword }: ErrorObject): boolean =>
  keyword === 'required' || (keyword === 'is' && option?.properties !== undefined);

/** A short word is quoted where a number or one of a few words is expected. Any other text may be a secret. */
const describeGiven = (option: OptionTable | undefined, value: unknown): string =>
  option?.enum || option?.minimum !== undefined ? describeWord(value) : describeValue(value);

const describeWord = (value: unknown): string => (typeof value === 'string' && WORD.test(value) ? `"${value}"` : describeValue(value));

/** The field at fault is the missing or the surplus property, not the object around it. */
function pathOf({ instancePath, params }: ErrorObject): string[] {
  const { missingProperty, additionalProperty } = params as { readonly missingProperty?: string; readonly additionalProperty?: string };
  const path = instancePath.split('/').slice(1);
  return [...path.map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~')), missingProperty ?? additionalProperty ?? []].flat();
}

const tableAt = (table: OptionTable, path: readonly string[]): OptionTable | undefined =>
  path.reduce<OptionTable | undefined>((inner, key) => inner?.properties?.[key] ?? inner?.items ?? schemaOfOthers(inner), table);

const schemaOfOthers = (option: OptionTable | undefined): OptionTable | undefined =>
  typeof option?.additionalProperties === 'object' ? option.additionalProperties : undefined;

const valueAt = (given: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], given);

function expectationOf(option: OptionTable | undefined, fault: ErrorObject): string {
  if (option?.expects) return option.expects;
  if (fault.keyword === 'is' && option?.is) return option.is.says;
  if (option?.enum) return `one of ${option.enum.join(', ')}`;
  if (option?.minimum === undefined) return wordsOf(fault);
  const unit = option.unit ? ` (${option.unit})` : '';
  return `${option.type === 'integer' ? 'an integer' : 'a number'} from ${option.minimum} to ${option.maximum}${unit}`;
}

/** The validator's message, worded to follow "must be". */
function wordsOf({ keyword, message, params }: ErrorObject): string {
  const { limit, type } = params as { limit?: number; type?: unknown };
  if (keyword === 'required') return 'given';
  if (keyword === 'minItems') return `an array of at least ${limit}`;
  if (keyword === 'maxItems') return `an array of at most ${limit}`;
  if (keyword === 'type' && typeof type === 'string') return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
  return (message ?? 'another value').replace(/^must (be )?/, '');
}
