import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually';
import type { Opening } from '../support/stores';
import { matching, rowsOf, seen } from './desk';
import { countsOf, seedEnded, shopOf } from './seeds';
import { withDesk } from './withDesk';

/** What somebody does to tasks. */
export function actingTests(opening: Opening, browser: () => Browser): void {
  it('retries all that match, more than a page, and shows how far that is', async () => {
    await seedEnded(opening, { welcome: 70, bill: 5 });
    await withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/tasks?q=state:dead+name:welcome');
      await seen(matching(page, '70'));
      await page.getByRole('checkbox', { name: 'Select the whole page' }).check();
      await page.getByRole('button', { name: 'Select all 70 that match' }).click();
      await seen(page.getByText('All 70 tasks that match are selected.'));
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('button', { name: 'Retry 70 tasks' }).click();
      await seen(page.getByRole('status', { name: 'Batches' }).getByText('70 of 70 ✓ done'));
      await eventually('all of them wait', async () => (await countsOf(desk.store)).waiting === 70);
      expect((await countsOf(desk.store)).dead).to.equal(5);
    });
  });

  it('retries a group of failures', async () => {
    await seedEnded(opening, { welcome: 4, bill: 2 });
    await withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/failures');
      await seen(page.getByRole('heading', { name: '6 failures, 2 causes' }));
      await page.getByRole('listitem').filter({ hasText: 'RangeError' }).getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('button', { name: 'Retry 2 tasks' }).click();
      await eventually('those of one cause wait', async () => (await countsOf(desk.store)).waiting === 2);
      expect((await countsOf(desk.store)).dead).to.equal(4);
    });
  });

  it('removes what was selected only after it was asked', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).addMany([1, 2, 3].map((index) => ({ name: 'welcome', payload: { index } })));
      const page = await desk.page('#/tasks');
      await rowsOf(page).nth(0).getByRole('checkbox').check();
      await rowsOf(page).nth(2).getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('button', { name: 'Back' }).click();
      expect((await countsOf(desk.store)).waiting).to.equal(3);
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('button', { name: 'Remove 2 tasks' }).click();
      await seen(page.getByText('2 tasks removed.'));
      expect((await countsOf(desk.store)).waiting).to.equal(1);
    }));

  it('tells somebody whose task another one has acted on what it is now', () =>
    withDesk(opening, browser(), async (desk) => {
      const { id } = await shopOf(desk.store).add('welcome', {});
      const [one, other] = [await desk.page(`#/tasks/mail/${id}`), await desk.page(`#/tasks/mail/${id}`)];
      await seen(one.getByRole('button', { name: 'Cancel' }));
      await other.getByRole('button', { name: 'Cancel' }).click();
      await one.getByRole('button', { name: 'Cancel' }).click();
      await one.getByRole('button', { name: 'Cancel 1 task' }).click();
      await seen(one.getByText('1 task cancelled.'));
      await other.getByRole('button', { name: 'Cancel 1 task' }).click();
      await seen(other.locator('.notice.bad').filter({ hasText: 'cancelled' }));
    }));

  it('adds a copy with another payload, and the task stays as it is', () =>
    withDesk(opening, browser(), async (desk) => {
      const { id } = await shopOf(desk.store).add('welcome', { to: 'a@example.org' });
      const page = await desk.page(`#/tasks/mail/${id}`);
      await page.getByRole('button', { name: 'Edit and add' }).click();
      await page.getByRole('textbox', { name: 'Payload' }).fill('{ "to": ');
      await page.getByRole('button', { name: 'Add the task' }).click();
      await seen(page.getByRole('dialog').getByRole('alert'));
      await page.getByRole('textbox', { name: 'Payload' }).fill('{ "to": "b@example.org" }');
      await page.getByRole('button', { name: 'Add the task' }).click();
      await seen(page.getByText('b@example.org'));
      expect((await shopOf(desk.store).get(id))?.payload).to.deep.equal({ to: 'a@example.org' });
    }));
}
