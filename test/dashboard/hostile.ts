import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Worker } from '../../classes/worker/worker';
import type { Opening } from '../support/stores';
import { seen } from './desk';
import { shopOf } from './seeds';
import { withDesk } from './withDesk';

const MARKUP = '<img src=x onerror="document.title=1">';
const NAME = `${MARKUP}\u202Egnp`;
const MIB = 1_000_000;

/** What others write into tasks is text. */
export function hostileTests(opening: Opening, browser: () => Browser): void {
  it('shows markup, escapes, marks of direction and a megabyte without a blank as text', () =>
    withDesk(opening, browser(), async (desk) => {
      const store = await opening.open();
      const { id } = await shopOf(store).add(NAME, { [MARKUP]: `\u001b[31m${MARKUP}`, long: 'x'.repeat(MIB) }, { maxRetries: 1, tags: [MARKUP] });
      const handlers = {
        [NAME]: ({ log }: { readonly log: { info(text: string): void } }) => {
          log.info(`\u001b[2J${MARKUP}`);
          throw new Error(`${MARKUP}\u2066${'y'.repeat(MIB)}`);
        },
      };
      await new Worker(store, { queues: ['mail'], handlers }).drain();
      await store.close();
      const page = await desk.page('#/tasks', { viewport: { width: 360, height: 740 } });
      for (const hash of ['#/tasks', `#/tasks/mail/${id}`, '#/failures']) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await seen(page.locator('main').getByText(MARKUP));
        expect(await page.locator('main img').count(), hash).to.equal(0);
        expect(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')), hash).to.equal(0);
      }
      await page.evaluate(`location.hash = ${JSON.stringify(`#/tasks/mail/${id}`)}`);
      await seen(page.locator('h1 .unseen').getByText('RLO'));
      await seen(page.locator('.json').getByText('\\u001b[31m'));
      await seen(page.locator('.log .unseen').getByText('ESC'));
      expect(await page.title()).to.contain('Holdfast');
    }));
}
