import { expect } from 'chai';
import { changeBytes } from '../../modules/task/changeBytes';
import { newTask } from '../../modules/task/newTask';
import { taskBytes } from '../../modules/task/taskBytes';

const TEXTS = { ascii: 'x', latin: 'ü', wide: '漢', pair: '😀' };

describe('The weight of a write', () => {
  for (const [kind, character] of Object.entries(TEXTS)) {
    for (const length of [10, 5_000]) {
      const text = character.repeat(length);
      it(`is not below the bytes of its texts, and near them where they are long: ${kind}, ${length} times`, () => {
        const bytes = Buffer.byteLength(text);
        const error = { name: 'Error', message: text, causes: [{ name: 'Error', message: text }] };
        const weights = [changeBytes({ state: 'succeeded', result: text }), changeBytes({ state: 'dead', error }) / 2];
        for (const weight of weights) expect(weight).to.be.within(bytes, 3 * bytes + 1_000);
        expect(taskBytes(newTask('q', 'n', text))).to.be.within(bytes, bytes + (length > 1_000 ? 1_100 : 3_000));
      });
    }
  }
});
