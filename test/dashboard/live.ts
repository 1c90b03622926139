import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Worker } from '../../classes/worker/worker';
import type { Opening } from '../support/stores';
import { eventually } from '../support/eventually';
import { gone, rowsOf, seen } from './desk';
import { shopOf } from './seeds';
import { withDesk } from './withDesk';

/** What the page does by itself. */
export function liveTests(opening: Opening, browser: () => Browser): void {
  it('shows what another process has changed, and moves no row that somebody may click on', () =>
    withDesk(opening, browser(), async (desk) => {
      const { id } = await shopOf(desk.store).add('welcome', { number: 1 });
      const page = await desk.page('#/tasks');
      await seen(page.locator(`tr[data-id="${id}"]`));
      const other = await opening.open();
      await new Worker(other, { queues: ['mail'], handlers: { welcome: () => undefined } }).drain();
      await seen(page.locator(`tr[data-id="${id}"]`).getByText('succeeded'));
      await shopOf(other).add('welcome', { number: 2 });
      await seen(page.getByRole('button', { name: 'Show 1 new' }));
      expect(await rowsOf(page).count()).to.equal(1);
      await page.keyboard.press('.');
      await eventually('the new one is first', async () => (await rowsOf(page).count()) === 2);
    }));

  it('shows nothing new while it is paused', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page();
      await seen(page.getByRole('link', { name: '1 waiting of mail' }));
      await page.keyboard.press('p');
      await seen(page.getByText('Updates are paused.'));
      await shopOf(desk.store).add('welcome', {});
      await page.waitForTimeout(1_500);
      await seen(page.getByRole('link', { name: '1 waiting of mail' }));
      await page.keyboard.press('p');
      await seen(page.getByRole('link', { name: '2 waiting of mail' }));
    }));

  it('says how old the picture is while the server is away, and goes on by itself', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page();
      await seen(page.getByRole('link', { name: '1 waiting of mail' }));
      await desk.stopServer();
      await seen(page.getByText('The server does not answer. This picture is'));
      await seen(page.getByRole('link', { name: '1 waiting of mail' }));
      await shopOf(desk.store).add('welcome', {});
      await desk.startServer();
      await seen(page.getByRole('link', { name: '2 waiting of mail' }));
      await gone(page.getByText('The server does not answer.'));
    }));

  it('is worked by the keys alone', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).addMany([1, 2, 3].map((number) => ({ name: 'welcome', payload: { number } })));
      const page = await desk.page();
      const { keyboard } = page;
      await seen(page.getByRole('link', { name: '3 waiting of mail' }));
      await keyboard.press('g');
      await keyboard.press('t');
      await seen(rowsOf(page));
      for (const key of ['j', 'x', 'j', 'x', 'd']) await keyboard.press(key);
      await seen(page.getByRole('dialog').getByText('Remove 2 tasks?'));
      await keyboard.press('Enter');
      await seen(page.getByText('2 tasks removed.'));
      await seen(page.getByRole('button', { name: 'Renew the list' }));
      await keyboard.press('.');
      await eventually('one is left', async () => (await rowsOf(page).count()) === 1);
      for (const key of ['k', 'k', 'Enter']) await keyboard.press(key);
      await seen(page.getByRole('heading', { name: 'welcome' }));
      await keyboard.press('?');
      await seen(page.getByRole('heading', { name: 'Keys' }));
      await keyboard.press('Escape');
      await keyboard.press('/');
      await keyboard.type('state:waiting');
      await keyboard.press('Enter');
      await eventually('the search is in the address', () => page.url().includes('state%3Awaiting'));
    }));
}
