import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';

const DEMO = join(__dirname, '../../examples/events.js');

describe('The sample of events', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  });
  afterEach(async () => {
    await endChildren();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (given: readonly string[]): Child => startNode(DEMO, given, { cwd: folder });

  it('ends by itself after each event has happened, with the UUIDs at begin and end in its log and no secret', async () => {
    const child = start(['--once']);
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    for (const name of ['sign-up', 'payment', 'nightly-report']) {
      const ended = new RegExp(`\\[event\\] ${name} ([0-9a-f-]{36}) \\(attempt \\d\\) succeeded in`).exec(child.out);
      expect(child.out, name).to.include(`[event] ${name} ${ended?.[1]} (attempt 1) began`);
    }
    expect(child.out).to.include('the bank did not answer for card [redacted] with code [redacted]');
    expect(child.out + child.err).not.to.match(/4000 0566|(?<![.\d])737\b/);
    expect(child.err).to.equal('');
  });

  it('stops on a signal, lets what runs end, and leaves nothing that keeps it alive', async () => {
    const child = start([]);
    await eventually('an event', () => child.out.includes('succeeded in'));
    child.kill('SIGINT');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(child.out.match(/has stopped; 0 released/g)).to.have.length(3);
  });
});
