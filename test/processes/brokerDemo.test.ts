import { join } from 'node:path';
import { expect } from 'chai';
import { judge } from '../../examples/broker/checker';
import { endChildren, startNode } from '../fixtures/children';

const DEMO = join(__dirname, '../../examples/broker/demo.js');

/** Runs the demonstration with few messages, and returns its exit code and its last table. */
async function demonstrate(...flags: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = startNode(DEMO, ['--seconds', '4', '--rate', '40', '--consumers', '4', ...flags]);
  const { code } = await child.ended;
  return { code, out: child.out };
}

const numberAfter = (out: string, title: string): number =>
  Number(
    out
      .split('\n')
      .find((line) => line.includes(title))
      ?.match(/(\d+) +│\s*$/)?.[1],
  );

describe('the demonstration of the broker', () => {
  afterEach(endChildren);

  it('loses nothing while consumers and the broker are killed', async () => {
    const { code, out } = await demonstrate('--kill-broker');
    expect([code, numberAfter(out, 'LOST'), numberAfter(out, 'DELIVERED AGAIN')], out).to.deep.equal([0, 0, 0]);
    expect(numberAfter(out, 'sent (confirmed')).to.be.greaterThan(0);
  });

  it('finds the loss of a broker that removes messages', async () => {
    const { code, out } = await demonstrate('--broken');
    expect(code).to.equal(1);
    expect(numberAfter(out, 'LOST')).to.be.greaterThan(0);
  });
});

describe('the checker of the demonstration', () => {
  const of = (...entries: Parameters<typeof judge>[0][number]['entries']) => [{ process: 'p', entries }];

  it('counts as lost what was confirmed, and neither worked on nor a dead letter', () => {
    const journals = of({ did: 'sent', id: 'a' }, { did: 'sent', id: 'b' }, { did: 'sent', id: 'c' }, { did: 'worked', id: 'a' });
    expect(judge(journals, ['b']).lost).to.deep.equal(['c']);
  });

  it('counts as undone what was delivered after its confirmed acknowledgement, and not what was delivered before', () => {
    const acked = { did: 'acked', id: 'a', count: 2 } as const;
    expect(judge(of({ did: 'got', id: 'a', count: 1 }, acked, { did: 'got', id: 'a', count: 2 }), []).undone).to.deep.equal([]);
    expect(judge(of(acked, { did: 'got', id: 'a', count: 3 }), []).undone).to.deep.equal(['a']);
  });

  it('tells why messages were delivered again', () => {
    const journals = of(
      { did: 'got', id: 'a', count: 1 },
      { did: 'forgot', id: 'a' },
      { did: 'got', id: 'a', count: 2 },
      { did: 'got', id: 'a', count: 3 },
    );
    expect(judge(journals, []).again).to.deep.equal({
      'its consumer forgot to acknowledge it': 1,
      'its consumer or the broker was killed': 1,
    });
  });
});
