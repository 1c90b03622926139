import { expect } from 'chai';
import { namespaceOf } from '../../modules/ports/namespace';
import { planInsert } from '../../modules/sqlite/sqliteInsert';
import { SHARED_COLUMNS } from '../../modules/sqlite/taskSql';
import { sample } from '../contract/samples';

const SETTING = { namespace: namespaceOf(), nowMs: 1_000, lastPlace: () => 0 };

describe('planInsert', () => {
  it('puts tasks in one statement that differ in their ids and payloads alone', () => {
    const task = sample();
    expect(planInsert([task, { ...task, id: sample().id, payload: '2' }], SETTING)).to.have.lengthOf(1);
  });

  for (const { field } of SHARED_COLUMNS) {
    it(`puts tasks in two statements that differ in their ${field}`, () => {
      const task = sample();
      const value = field === 'priority' ? 9 : field === 'maxRetries' ? 99 : field === 'settings' ? { timeoutMs: 1 } : 'other';
      expect(planInsert([task, { ...task, id: sample().id, [field]: value }], SETTING)).to.have.lengthOf(2);
    });
  }
});
