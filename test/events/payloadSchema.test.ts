import { expect } from 'chai';
import { Type } from 'typebox';
import { defineEvent } from '../../classes/events/declaredEvent';
import { validatorOf } from '../../modules/events/payloadSchema';
import type { PayloadSchema } from '../../modules/events/payloadSchema';
import { refusalOf } from '../support/eventually';
import { codedErrorOf } from '../support/expectations';

/** A schema of a library before it had `~standard`: an instance with methods of its own. */
class Lookalike {
  readonly type = 'object';
  readonly _def = { typeName: 'ZodObject' };
  parse(value: unknown): unknown {
    return value;
  }
}

const DRAFT = 'https://json-schema.org/draft/';
const tuple = { type: 'array', prefixItems: [{ type: 'string' }], items: false };

/** What accepts a value that it should refuse is found by one value that it must refuse. */
const TAKEN: readonly (readonly [string, PayloadSchema, good: unknown, bad: unknown])[] = [
  ['a JSON Schema', { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] }, { to: 'a' }, {}],
  ['one of draft 7', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'array', items: [{ type: 'string' }] }, ['a'], [1]],
  ['one of draft 2019-09', { $schema: `${DRAFT}2019-09/schema`, type: 'object', dependentRequired: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
  ['one of draft 2020-12', { $schema: `${DRAFT}2020-12/schema`, ...tuple }, ['a'], ['a', 1]],
  ['one of draft 2020-12 that does not say so', tuple, ['a'], ['a', 1]],
  ['one with a format', { type: 'string', format: 'email' }, 'a@example.org', 'a'],
  ['one with a union of types', { type: ['string', 'null'] }, null, 1],
  ['one with an id, again', { $id: 'https://example.org/mail', type: 'string' }, 'a', 1],
  ['another one with that id', { $id: 'https://example.org/mail', type: 'number' }, 1, 'a'],
  ['one that refers to itself', { $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, [[[]]], [[1]]],
  ['an object of TypeBox', Type.Object({ to: Type.String(), n: Type.Optional(Type.Integer()) }), { to: 'a' }, { to: 'a', n: 0.5 }],
  ['a tuple of TypeBox', Type.Tuple([Type.String()]), ['a'], ['a', 'b']],
  ['a record of TypeBox', Type.Record(Type.String(), Type.Number()), { a: 1 }, { a: '1' }],
  ['a union of TypeBox', Type.Union([Type.Literal('a'), Type.Null()]), 'a', 'b'],
  ['an intersection of TypeBox', Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]), { a: '', b: '' }, { a: '' }],
  ['a cycle of TypeBox', Type.Cyclic({ A: Type.Object({ a: Type.Optional(Type.Ref('A')) }) }, 'A'), { a: { a: {} } }, { a: { a: 1 } }],
];

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['a type that does not exist', { type: 'objekt' }],
  ['a misspelt keyword', { typ: 'object' }],
  ['a misspelt keyword inside', { type: 'object', properties: { to: { type: 'string', minLenght: 1 } } }],
  ['a keyword of another type', { type: 'string', minimum: 1 }],
  ['a keyword that looks at one type and lets all others pass', { properties: { to: { type: 'string' } }, required: ['to'] }],
  ['a format that does not exist', { type: 'string', format: 'e-mail' }],
  ['a required that is no list', { type: 'object', required: 'to' }],
  ['a reference to nowhere', { $ref: '#/$defs/mail' }],
  ['a reference to another document', { $ref: 'https://example.org/mail' }],
  ['a draft that is not known', { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }],
  ['a schema that answers by a promise', { $async: true, type: 'string' }],
  ['a type of TypeBox that JSON does not have', Type.Object({ n: Type.BigInt() })],
  ['a refinement of TypeBox', Type.Object({ to: Type.Refine(Type.String(), (text) => text !== 'x') })],
  ['a codec of TypeBox', Type.Codec(Type.String()).Decode(Number).Encode(String)],
  ['an instance of a schema library without ~standard', new Lookalike()],
  ['a class of a schema library', Lookalike],
  ['a ~standard without validate', { '~standard': { version: 1 } }],
  ['a ~standard that is none', { '~standard': true, type: 'object' }],
  ['an array', [{ type: 'object' }]],
  ['a function', () => true],
];

describe('The schema of a payload', () => {
  for (const [what, schema, good, bad] of TAKEN) {
    it(`may be ${what}`, async () => {
      const validate = validatorOf(schema);
      expect(await validate(good)).to.equal(good);
      expect(await refusalOf(() => validate(bad))).to.include({ code: 'HOLDFAST_PAYLOAD_INVALID' });
    });
  }

  for (const [what, schema] of REFUSED) {
    it(`is refused when it is ${what}`, () => {
      const error = codedErrorOf(() => defineEvent({ name: 'mail', schema: schema as object, process: () => 0 }));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'event.schema' });
    });
  }

  it('is refused with the reason', () => {
    const error = codedErrorOf(() => defineEvent({ name: 'mail', schema: { type: 'object', propertys: {} }, process: () => 0 }));
    expect(error.message).to.include('unknown keyword: "propertys"');
  });

  it('tells every path at fault of a small payload, and the first of a large one', async () => {
    const validate = validatorOf({ type: 'array', items: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } });
    expect((await refusalOf(() => validate([{}, { a: 'a' }, { a: 1 }]))).paths).to.deep.equal(['payload[0].a', 'payload[2].a']);
    const many = Array.from({ length: 100_000 }, () => ({ a: 1 }));
    expect((await refusalOf(() => validate(many))).paths).to.deep.equal(['payload[0].a']);
  });

  it('tells the reason of each fault in the words of the schema', async () => {
    const validate = validatorOf({
      type: 'object',
      properties: { to: { type: 'string', minLength: 2 }, n: { type: 'integer', maximum: 5 }, kind: { enum: ['new', 'used'] } },
      required: ['to'],
      additionalProperties: false,
    });
    const messageOf = async (payload: unknown): Promise<string> => (await refusalOf(() => validate(payload))).message;
    expect(await messageOf({ to: 7 })).to.include('of its event: payload.to: must be string. ');
    expect(await messageOf({ to: 'hunter2', n: 777 }))
      .to.include('payload.n: must be <= 5. ')
      .and.not.to.match(/777|hunter2/);
    expect(await messageOf({ to: 'ab', kind: 'stolen' }))
      .to.include('one of the allowed values: ["new","used"]. ')
      .and.not.to.include('stolen');
    expect(await messageOf({ n: 1, x: 1 })).to.include('payload.to must be given; payload.x is not in the schema. ');
  });

  it('tells the reason of another library without the values that it quotes', async () => {
    const issues = [
      { message: 'Expected string but received 5', path: ['n'] },
      { message: 'the name "hunter2" is taken, as is hunter2@example.org', path: [{ key: 'name' }] },
    ];
    const validate = validatorOf({ '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } });
    const { message, paths } = await refusalOf(() => validate({ n: 5, name: 'x', other: 'hunter2', mail: 'hunter2@example.org' }));
    expect(paths).to.deep.equal(['payload.n', 'payload.name']);
    expect(message).to.include('payload.n Expected string but received [redacted]; payload.name the name "[redacted]" is taken');
    expect(message).not.to.match(/hunter2| 5/);
  });

  it('gives its types to process, also of a JSON Schema written in place', () => {
    defineEvent({
      name: 'order',
      schema: {
        type: 'object',
        properties: { id: { type: 'integer' }, lines: { type: 'array', items: { type: 'string' } }, kind: { enum: ['new', 'used'] } },
        required: ['id', 'lines'],
      },
      process: ({ id, lines, kind }) => {
        const typed: [number, string[], 'new' | 'used' | undefined] = [id, lines, kind];
        return typed;
      },
    });
    defineEvent({
      name: 'tree',
      schema: Type.Object({
        n: Type.Optional(Type.Number()),
        either: Type.Union([Type.Literal('a'), Type.Null()]),
        pair: Type.Tuple([Type.String()]),
      }),
      process: ({ n, either, pair }) => {
        const typed: [number | undefined, 'a' | null, string] = [n, either, pair[0]];
        // @ts-expect-error the schema has no such property
        const other: unknown = ({} as { n: typeof n; either: typeof either }).other;
        return [typed, other];
      },
    });
  });
});
