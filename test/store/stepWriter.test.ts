import { expect } from 'chai';
import { StepWriter } from '../../classes/store/stepWriter';
import type { StepStore, StepWrite } from '../../modules/ports/stepStore';

const writeOf = (id: string): StepWrite => ({
  ...{ id, queue: 'orders', token: `token of ${id}`, clears: false },
  step: { at: 0, name: 'pay', kind: 'step', value: '1', end: null },
});

describe('Steps written together', () => {
  it('are all recorded but those that the store refuses', async () => {
    const sent: string[][] = [];
    const store = {
      record: (writes: readonly StepWrite[]) => {
        sent.push(writes.map(({ id }) => id));
        return writes.some(({ id }) => id === 'too large')
          ? Promise.reject(new Error('document too large'))
          : Promise.resolve(writes.map(() => true));
      },
    };
    const writer = new StepWriter(store as unknown as StepStore);
    const answers = await Promise.allSettled(['a', 'too large', 'b'].map((id) => writer.record(writeOf(id))));
    expect(answers.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(sent).to.deep.equal([['a', 'too large', 'b'], ['a'], ['too large'], ['b']]);
  });
});
