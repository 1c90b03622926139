import { expect } from 'chai';
import { TASK_STATES } from '../../constants/states';
import { emptyCounts, totalCounts } from '../../modules/task/counts';
import { groupBy } from '../../modules/values/groupBy';
import { renderTable } from '../../modules/cli/renderTable';
import { STATS_COLUMNS, statsJson, statsRows } from '../../modules/cli/statsRows';
import type { CountsByState } from '../../modules/cli/backend';

const QUEUES = {
  mail: { ...emptyCounts(), waiting: 3, dead: 1 },
  billing: { ...emptyCounts(), waiting: 2, running: 10 },
};

describe('counts', () => {
  it('name every state, and are none at first', () => {
    expect(emptyCounts()).to.deep.equal({ waiting: 0, running: 0, succeeded: 0, dead: 0, cancelled: 0 });
    expect(Object.keys(emptyCounts())).to.deep.equal([...TASK_STATES]);
    expect(emptyCounts()).not.to.equal(emptyCounts());
  });

  it('add up over queues', () => {
    expect(totalCounts(Object.values(QUEUES))).to.deep.equal({ waiting: 5, running: 10, succeeded: 0, dead: 1, cancelled: 0 });
    expect(totalCounts([])).to.deep.equal(emptyCounts());
    expect(QUEUES.mail.waiting).to.equal(3);
  });
});

const statsTable = (queues: CountsByState): string => renderTable(STATS_COLUMNS, statsRows(queues), { width: undefined });

describe('The table of stats', () => {
  it('draws one row a queue in the order of their names, and the total', () => {
    const rows = statsTable(QUEUES)
      .split('\n')
      .filter((line) => line.includes('│'))
      .map((line) =>
        line
          .split('│')
          .map((cell) => cell.trim())
          .filter((cell) => cell !== ''),
      );
    expect(rows).to.deep.equal([
      ['queue', ...TASK_STATES],
      ['billing', '2', '10', '0', '0', '0'],
      ['mail', '3', '0', '0', '1', '0'],
      ['total', '5', '10', '0', '1', '0'],
    ]);
  });

  it('has no colours, which a file or pipe would keep', () => {
    expect(statsTable(QUEUES)).not.to.include('\u001b');
  });

  it('draws an empty store', () => {
    expect(statsTable({})).to.match(/total.*0/);
  });
});

describe('statsJson', () => {
  it('is one document with the total and the queues', () => {
    expect(statsJson(QUEUES)).not.to.include('\n');
    expect(JSON.parse(statsJson(QUEUES))).to.deep.equal({ total: totalCounts(Object.values(QUEUES)), queues: QUEUES });
  });
});

describe('groupBy', () => {
  it('keeps the order in which keys first appear, and that of the items of a key', () => {
    const groups = groupBy([5, 2, 7, 4, 1], (n) => n % 2);
    expect([...groups]).to.deep.equal([
      [1, [5, 7, 1]],
      [0, [2, 4]],
    ]);
  });

  it('takes any key, and no items', () => {
    const key = {};
    expect([...groupBy(['a', 'b'], () => key)]).to.deep.equal([[key, ['a', 'b']]]);
    expect(groupBy(new Set<number>(), (n) => n).size).to.equal(0);
    expect([...groupBy(['__proto__', 'constructor'], (text) => text).keys()]).to.deep.equal(['__proto__', 'constructor']);
  });
});
