import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Worker } from '../../classes/worker/worker';
import { eventually, makeGate } from '../support/eventually';
import type { Opening } from '../support/stores';
import { seen } from './desk';
import type { Desk } from './desk';
import { countsOf, seedEnded, shopOf } from './seeds';
import { withDesk } from './withDesk';

const MOST_CLICKS = 4;

/** What somebody who is called at night wants to know and to do, each in a few clicks from the overview. */
export function peopleTests(opening: Opening, browser: () => Browser): void {
  const atDesk = (test: (desk: Desk) => Promise<void>): Promise<void> =>
    withDesk(opening, browser(), async (desk) => {
      await test(desk);
      expect(desk.clicks).to.be.at.most(MOST_CLICKS);
    });

  it('a person sees in four clicks why a task waits', () =>
    atDesk(async (desk) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page();
      await desk.click(page.getByRole('link', { name: '1 waiting of mail' }));
      await desk.click(page.getByRole('link', { name: 'welcome' }));
      await seen(page.locator('.why').getByText(/process/));
    }));

  it('a person sees in four clicks what fails most, and retries it', async () => {
    await seedEnded(opening, { welcome: 3, bill: 1 });
    await atDesk(async (desk) => {
      const page = await desk.page();
      await desk.click(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Failures' }));
      const first = page.locator('.groups > li').first();
      await seen(first.getByText('MailRefused'));
      await desk.click(first.getByRole('button', { name: 'Retry' }));
      await desk.click(page.getByRole('button', { name: 'Retry 3 tasks' }));
      await eventually('they wait again', async () => (await countsOf(desk.store)).waiting === 3);
    });
  });

  it('a person sees in four clicks who runs a task', () =>
    atDesk(async (desk) => {
      const gate = makeGate();
      await shopOf(desk.store).add('welcome', {});
      const worker = new Worker(desk.store, { queues: ['mail'], handlers: { welcome: () => gate.opened } });
      await worker.start();
      const page = await desk.page();
      await desk.click(page.getByRole('link', { name: '1 running of mail' }));
      await desk.click(page.getByRole('link', { name: 'welcome' }));
      await desk.click(page.locator('.facts').getByRole('link', { name: worker.id }));
      await seen(page.locator('.process.meant').getByText(String(process.pid)));
      gate.open();
      await worker.stop();
    }));

  it('a person stops a queue in four clicks', () =>
    atDesk(async (desk) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page();
      await desk.click(page.getByRole('button', { name: 'Pause mail' }));
      await seen(page.getByText('❚❚ paused'));
      const worker = new Worker(desk.store, { queues: ['mail'], handlers: { welcome: () => undefined } });
      await worker.drain();
      expect((await countsOf(desk.store)).waiting).to.equal(1);
    }));
}
