import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Opening } from '../support/stores';
import { eventually } from '../support/eventually';
import { matching, rowsOf, seen } from './desk';
import { seedEnded, shopOf } from './seeds';
import { withDesk } from './withDesk';

/** The tasks of the large list; HOLDFAST_MANY_TASKS=1 wants ten times as many. */
const MANY = process.env['HOLDFAST_MANY_TASKS'] === '1' ? 100_000 : 10_000;
const PART = 5_000;

/** What somebody finds by the search box. */
export function searchTests(opening: Opening, browser: () => Browser): void {
  it('finds tasks by tokens, keeps the search in the address, and takes a filter out by its chip', async () => {
    await seedEnded(opening, { welcome: 3, bill: 2, index: 1 });
    await withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/tasks');
      await seen(matching(page, '6'));
      await page.getByRole('combobox').fill('state:dead name:bill');
      await page.keyboard.press('Enter');
      await seen(matching(page, '2'));
      await eventually('the rows of the others are gone', async () => (await rowsOf(page).count()) === 2);
      expect(page.url()).to.contain('#/tasks?q=state%3Adead+name%3Abill');
      await page.reload();
      await seen(matching(page, '2'));
      await page.getByRole('link', { name: 'Take out name:bill' }).click();
      await seen(matching(page, '5'));
    });
  });

  it('suggests what can stand at the cursor', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).add('welcome', {});
      const page = await desk.page('#/tasks');
      await page.keyboard.press('/');
      await page.keyboard.type('sta');
      await seen(page.getByRole('option', { name: 'state:' }));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await page.getByRole('combobox').inputValue()).to.equal('state:');
      await seen(page.getByRole('option', { name: 'dead' }));
    }));

  it('says where a search cannot be read', () =>
    withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/tasks?q=state:dead+name:');
      const fault = page.getByRole('alert');
      await seen(fault);
      expect(await fault.textContent()).to.contain('state:dead name:\n                ^');
    }));

  it(`shows ${MANY} tasks page by page`, async function () {
    this.timeout(MANY > 10_000 ? 300_000 : 60_000);
    await withDesk(opening, browser(), async (desk) => {
      for (let from = 0; from < MANY; from += PART) {
        await shopOf(desk.store).addMany(Array.from({ length: PART }, (_, index) => ({ name: 'welcome', payload: { number: from + index } })));
      }
      const page = await desk.page('#/tasks');
      await seen(page.getByText(/^10,000\+? tasks match/));
      const first = await rowsOf(page).first().getAttribute('data-id');
      await page.getByRole('link', { name: 'Next page' }).click();
      // The page's policy forbids the functions by which the browser would wait.
      await eventually('the next page is shown', async () => (await rowsOf(page).first().getAttribute('data-id')) !== first);
      expect(await rowsOf(page).count()).to.equal(50);
      await page.getByRole('link', { name: 'First page' }).click();
      await seen(page.locator(`tr[data-id="${first ?? ''}"]`));
    });
  });
}
