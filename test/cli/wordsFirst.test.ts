import { Command } from 'commander';
import { expect } from 'chai';
import { renderTable } from '../../modules/cli/renderTable';
import { searchOf } from '../../modules/cli/searchOf';
import { shownInstant } from '../../modules/cli/shownTime';
import { wordsFirst } from '../../modules/cli/wordsFirst';

const program = new Command('holdfast').option('-q, --queue <value>').option('--drain');
const task = program.command('task');
task.command('list').option('--limit <value>').option('--all');

describe('wordsFirst', () => {
  for (const [given, wanted] of [
    ['task list --limit 5', 'task list --limit 5'],
    ['--limit 5 task list', 'task list --limit 5'],
    ['task --limit 5 list x', 'task list --limit 5 x'],
    ['--queue task task list', 'task list --queue task'],
    ['--all task list', 'task list --all'],
    ['--queue=task task list -- --limit', 'task list --queue=task -- --limit'],
    ['--drain', '--drain'],
    ['--drain now', '--drain now'],
    ['-q mail', '-q mail'],
    ['sede --queue task', 'sede --queue task'],
  ] as const) {
    it(`makes "${wanted}" of "${given}"`, () => {
      expect(wordsFirst(program, given.split(' ')).join(' ')).to.equal(wanted);
    });
  }
});

describe('searchOf', () => {
  it('quotes what is more than a word, so that a value is never a token of its own', () => {
    expect(searchOf({ queue: 'mail', state: ['dead', 'waiting'], error: 'a "b" \\ state:dead', search: 'added:>1h' })).to.equal(
      'queue:mail state:dead,waiting error:"a \\"b\\" \\\\ state:dead" added:>1h',
    );
  });
});

describe('renderTable', () => {
  const columns = [
    { head: 'name', cell: ({ name }: { name: string }) => name },
    { head: 'more', cell: () => 'x'.repeat(30), isOptional: true },
  ];

  it('leaves out a column before it cuts another one, and cuts wide characters by their width', () => {
    expect(renderTable(columns, [{ name: 'a' }], { width: 80 })).to.include('xxx');
    const narrow = renderTable(columns, [{ name: '漢'.repeat(40) }], { width: 30 });
    expect(narrow).to.include('…').and.to.not.include('xxx');
    expect(narrow.split('\n')[0]?.length).to.equal(30);
  });

  it('shows escapes, marks of direction and a long text as one short line', () => {
    const text = renderTable(columns, [{ name: `\u001b[2J\u202e\n${'y'.repeat(1_000_000)}` }], { width: undefined });
    expect(text).to.include('\\u001b[2J\\u202e\\n');
    expect(text.length).to.be.below(4_000);
  });
});

describe('shownInstant', () => {
  it('tells the distance from now', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    const shown = (offsetMs: number) => shownInstant(new Date(nowMs + offsetMs).toISOString(), nowMs);
    expect([0, -2_000, -90_000, -5 * 3_600_000, 3 * 86_400_000].map(shown)).to.deep.equal(['now', '2 s ago', '2 min ago', '5 h ago', 'in 3 d']);
    expect(shownInstant(null, nowMs)).to.equal('');
  });
});
