import fc from 'fast-check';

/** A schema of the document, as far as its requests use it. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A request that a client may make, good or bad. */
export interface Sent {
  readonly operationId: string;
  readonly method: string;
  readonly url: string;
  /** Whether the path names one thing, such as a task, that most likely is not there. */
  readonly isOfOne: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

const TEXTS = [
  '',
  'a',
  'orders',
  'a.dlq',
  '__proto__',
  'constructor',
  '$where',
  '../..',
  '<b>',
  "' OR 1=1 --",
  '\u0000',
  '\ud800',
  '%00',
  '💥'.repeat(50),
];

const text: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 20 }));

/** A value that has nothing to do with the schema. */
const wild: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>({ $ne: 1 }, { $gt: '' }, [[]], -1, 1e308, 2 ** 53, null),
  text,
);

/** Values that a schema allows, and now and then one that it does not. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(schema) }, { weight: 1, arbitrary: wild });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 5, 5) });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1_000, 1_000_000) });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return text;
    case undefined:
    default:
      return wild;
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === 'object') return fc.dictionary(text, valueOf(additionalProperties), { maxKeys: 4 });
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valueOf(inner)])), {
    requiredKeys: [...required],
  });
  const extra = fc.oneof({ weight: 20, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(text, wild, { maxKeys: 2 }) });
  return fc.tuple(known, extra).map(([base, more]) => ({ ...base, ...more }));
}

/** A long poll would hold the test up. */
const withoutWait = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && Number((body as { waitSeconds?: unknown }).waitSeconds) > 0 ? { ...body, waitSeconds: 0 } : body;

/** A client resolves these before it sends, so that such a path never arrives here. */
const isDotSegment = (name: string): boolean => name === '.' || name === '..';

const queue = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('orders', 'mail', 'orders.dlq') },
  { weight: 1, arbitrary: text.filter((name) => !isDotSegment(name)) },
);

/** What a path names beside a queue: an id, or any text. */
const anyId = fc.oneof({ weight: 4, arbitrary: fc.uuid() }, { weight: 1, arbitrary: text.filter((name) => name !== '' && !isDotSegment(name)) });

/** Requests to one operation of the document. */
function requestsTo(path: string, method: string, { operationId, parameters = [], requestBody }: Operation): fc.Arbitrary<Sent> {
  const values = parameters.filter((each) => each.in === 'query').map(({ name, schema }) => [name, valueOf(schema)] as const);
  const query = fc.oneof(
    { weight: 1, arbitrary: fc.constant<Record<string, unknown>>({}) },
    { weight: 4, arbitrary: fc.record(Object.fromEntries(values), { requiredKeys: [] }) },
  );
  const schema = requestBody?.content['application/json']?.schema;
  const body = schema
    ? fc.oneof({ weight: 10, arbitrary: valueOf(schema).map((value) => JSON.stringify(withoutWait(value))) }, { weight: 1, arbitrary: text })
    : fc.constant(undefined);
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant('application/json') },
    { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/octet-stream', 'image/png', 'a', '') },
  );
  return fc.tuple(queue, anyId, query, body, type).map(([name, id, parameterValues, payload, contentType]) => {
    const pairs = Object.entries(parameterValues).map(([key, value]) => [
      key,
      (typeof value === 'string' ? value : String(JSON.stringify(value))).toWellFormed(),
    ]);
    const search = new URLSearchParams(pairs as [string, string][]).toString();
    const named = path.replace('{queue}', encodeURIComponent(name.toWellFormed()));
    const whole = named.replace(/\{\w+\}/g, () => encodeURIComponent(id.toWellFormed()));
    return {
      ...{ operationId, method: method.toUpperCase(), payload: payload === '' ? undefined : payload, isOfOne: whole !== named },
      url: `${whole}${search === '' ? '' : `?${search}`}`,
      headers: payload === undefined || contentType === '' ? {} : { 'content-type': contentType },
    };
  });
}

/** A stream of events ends only with its client. */
const isStream = ({ responses }: Operation): boolean => responses?.['200']?.content?.['text/event-stream'] !== undefined;

/** Requests to every operation of the document that ends. */
export const requestsOf = ({ paths }: Document): fc.Arbitrary<Sent> =>
  fc.oneof(
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => (isStream(operation) ? [] : [requestsTo(path, method, operation)])),
    ),
  );
