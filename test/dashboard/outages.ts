import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import type { AwayDatabase } from '../support/awayDatabase';
import { awayDatabase } from '../support/awayDatabase';
import type { Opening } from '../support/stores';
import type { Desk } from './desk';
import { gone, rowsOf, seen } from './desk';
import { seedEnded, shopOf } from './seeds';
import { withDesk } from './withDesk';

const PAGES = ['#/', '#/tasks', '#/failures', '#/processes', '#/schedules', '#/broker'];

/** What the page shows while the store is away and the server is there. */
export function outageTests(opening: Opening, browser: () => Browser): void {
  /** Runs a test at a desk whose store can be taken away. */
  async function withStore(ports: Parameters<typeof awayDatabase>[1], test: (desk: Desk, held: AwayDatabase) => Promise<void>): Promise<void> {
    const held = awayDatabase(await opening.database(), ports);
    await withDesk(opening, browser(), (desk) => test(desk, held), { store: opening.storeOn(held.database) });
  }

  const goTo = (page: Page, hash: string): Promise<unknown> => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);

  it('asks again by itself what the store did not answer, though nothing changes', () =>
    withStore(['search'], async (desk, held) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page('#/tasks');
      await seen(rowsOf(page));
      // Without its stream the page hears of nothing.
      await page.route('**/v1/admin/stream', () => undefined);
      held.isAway = true;
      await page.reload();
      await seen(page.getByText('The tasks cannot be shown: The store did not answer in time. Nothing was changed: ask again later.'));
      held.isAway = false;
      await seen(rowsOf(page));
      await gone(page.getByText('The tasks cannot be shown'));
    }));

  it('says on every page how old it is while the store is away, and goes on by itself', () =>
    withStore(undefined, async (desk, held) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page('#/tasks');
      await seen(rowsOf(page));
      await seen(page.getByRole('button', { name: 'Live' }));
      held.isAway = true;
      await seen(page.getByText('The store does not answer. This picture is'));
      await seen(page.getByRole('button', { name: 'Away' }));
      for (const hash of PAGES) {
        await goTo(page, hash);
        await seen(page.locator('.head nav a[aria-current="page"]').and(page.locator(`[href="${hash}"]`)));
        await seen(page.locator('.bar').getByText('The store does not answer.'));
      }
      held.isAway = false;
      await gone(page.locator('.bar'));
      await seen(page.getByRole('button', { name: 'Live' }));
    }));

  it('shows the rows of another search greyed and lets nobody act on them', async () => {
    await seedEnded(opening, { welcome: 1, index: 2 });
    await withStore(undefined, async (desk, held) => {
      const page = await desk.page('#/tasks?q=state:succeeded');
      await seen(rowsOf(page).getByRole('checkbox'));
      expect(await rowsOf(page).getByRole('checkbox').count()).to.equal(2);
      held.isAway = true;
      await goTo(page, '#/tasks?q=state:dead');
      await seen(page.getByText('The tasks cannot be shown'));
      await seen(page.locator('.task-table.old'));
      for (const key of ['j', 'x', 'a', 'd']) await page.keyboard.press(key);
      expect(await page.locator('.task-table').getByRole('checkbox').count()).to.equal(0);
      expect(await page.getByRole('group', { name: 'Actions on the selection' }).count()).to.equal(0);
      expect(await page.getByRole('dialog').count()).to.equal(0);
      held.isAway = false;
      await gone(page.locator('.task-table.old'));
      await seen(rowsOf(page).getByText('dead'));
      expect(await rowsOf(page).getByRole('checkbox').count()).to.equal(1);
    });
  });
}
