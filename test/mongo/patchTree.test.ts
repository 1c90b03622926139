import { expect } from 'chai';
import { mongo } from 'mongoose';
import { patchTree } from '../../modules/mongo/patchTree';
import type { Patch } from '../../modules/mongo/patchTree';
import type { Uuid } from '../../modules/mongo/uuid';
import { seededRandom } from '../support/samples';

type Expression = Readonly<Record<string, unknown>>;

const hexOf = (id: unknown): string => (id as Uuid).toHexString();

/** Evaluates the MongoDB expressions of which a tree consists. */
function evaluate(expression: unknown, id: Uuid): unknown {
  if (expression === '$_id') return id;
  const [[operator, operand] = ['', undefined]] = Object.entries(expression as Expression);
  if (operator === '$literal') return operand;
  const parts = operand as readonly unknown[];
  const part = (index: number): unknown => evaluate(parts[index], id);
  switch (operator) {
    case '$cond':
      return part(0) ? part(1) : part(2);
    case '$lt':
      return Buffer.compare((part(0) as Uuid).buffer, (part(1) as Uuid).buffer) < 0;
    case '$arrayElemAt':
      return (part(0) as unknown[]).at(part(1) as number);
    case '$indexOfArray':
      return (part(0) as unknown[]).findIndex((item) => hexOf(item) === hexOf(part(1)));
    default:
      throw new Error(`unexpected ${operator}`);
  }
}

const depthOf = (expression: unknown): number => {
  const cond = (expression as Expression)['$cond'] as readonly unknown[] | undefined;
  return cond ? 1 + Math.max(depthOf(cond[1]), depthOf(cond[2])) : 0;
};

const random = seededRandom(7);

const patchesOf = (count: number): Patch[] =>
  Array.from({ length: count }, (_, n) => ({
    id: new mongo.BSON.UUID(Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)))),
    patch: { n },
  }));

describe('patchTree', () => {
  for (const [count, depth] of [
    [1, 0],
    [2, 0],
    [32, 0],
    [33, 1],
    [64, 1],
    [65, 2],
    [500, 4],
    [1_000, 5],
  ] as const) {
    it(`finds each of ${count} patches by its id, ${depth} comparisons deep`, () => {
      const patches = patchesOf(count);
      const tree = patchTree(patches);
      expect(depthOf(tree)).to.equal(depth);
      for (const { id, patch } of patches) expect(evaluate(tree, id)).to.equal(patch);
    });
  }

  it('finds patches whose ids differ only in their last byte', () => {
    const patches = Array.from({ length: 100 }, (_, n) => ({
      id: new mongo.BSON.UUID(Buffer.from([...Array<number>(15).fill(200), 199 - n])),
      patch: { n },
    }));
    const tree = patchTree(patches);
    for (const { id, patch } of patches) expect(evaluate(tree, id)).to.equal(patch);
  });

  it('keeps values of a user out of what is evaluated', () => {
    const patches = patchesOf(40).map(({ id }) => ({ id, patch: { result: '$$ROOT', error: { message: '$payload' } } }));
    const outside = JSON.stringify(patchTree(patches), (key, value: unknown) => (key === '$literal' ? 0 : value));
    expect(outside).not.to.match(/ROOT|payload/);
  });

  it('does not change what it is given', () => {
    const patches = patchesOf(50);
    const before = [...patches];
    patchTree(Object.freeze(patches));
    expect(patches).to.deep.equal(before);
  });
});
