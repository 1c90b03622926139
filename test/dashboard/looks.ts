import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { Broker } from '../../classes/broker/broker';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { Opening } from '../support/stores';
import { eventually } from '../support/eventually';
import { seen } from './desk';
import { seedEnded, shopOf } from './seeds';
import { withDesk } from './withDesk';

const PAGES = ['#/', '#/tasks', '#/tasks?q=state:dead', '#/failures', '#/processes', '#/schedules', '#/broker'];

/** How the page looks, for everybody. */
export function lookTests(opening: Opening, browser: () => Browser): void {
  it('opens with the queues, what waits in them, and what is wrong', () =>
    withDesk(opening, browser(), async (desk) => {
      await shopOf(desk.store).addMany([1, 2, 3].map((index) => ({ name: 'welcome', payload: { index } })));
      const page = await desk.page();
      await seen(page.getByRole('link', { name: '3 waiting of mail' }));
      await seen(page.getByRole('region', { name: 'What is wrong now' }));
      expect(await page.title()).to.equal('Overview · Holdfast');
    }));

  it('has no serious fault for a screen reader on any page, light or dark', async () => {
    await seedEnded(opening, { welcome: 3, index: 2 });
    await withDesk(opening, browser(), async (desk) => {
      const task = await oneDead(desk.store);
      await new Scheduler(desk.store).upsert('nightly', { queue: 'mail', name: 'index', cron: '0 3 * * *' });
      const faults: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await desk.page('#/', { colorScheme, bypassCSP: true });
        await page.addScriptTag({ content: await readFile(require.resolve('axe-core/axe.min.js'), 'utf8') });
        for (const hash of [...PAGES, task]) faults.push(...(await faultsAt(page, hash)).map((fault) => `${colorScheme} ${hash}: ${fault}`));
      }
      expect(faults).to.deep.equal([]);
    });
  });

  it('is dark where the system is, until somebody wants it otherwise', () =>
    withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/', { colorScheme: 'dark' });
      expect(await lightness(page)).to.be.below(60);
      await page.getByRole('button', { name: 'Colours: as the system' }).click();
      await page.getByRole('button', { name: 'Colours: dark' }).click();
      expect(await lightness(page)).to.be.above(200);
      await page.reload();
      await seen(page.getByRole('button', { name: 'Colours: light' }));
      expect(await lightness(page)).to.be.above(200);
    }));

  it('fits a page of 360 pixels on every page', async () => {
    await seedEnded(opening, { welcome: 3, index: 2 });
    await withDesk(opening, browser(), async (desk) => {
      const page = await desk.page('#/', { viewport: { width: 360, height: 740 } });
      const wide: string[] = [];
      for (const hash of [...PAGES, await oneDead(desk.store)]) {
        await show(page, hash);
        if (Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) > 0) wide.push(hash);
      }
      expect(wide).to.deep.equal([]);
    });
  });

  it('shows on 360 pixels what matters of each queue and schedule, and the tab of the page', async () => {
    await seedEnded(opening, { welcome: 3 });
    await withDesk(opening, browser(), async (desk) => {
      await fillNarrow(desk.store);
      const page = await desk.page('#/', { viewport: { width: 360, height: 740 } });
      await seen(page.getByRole('link', { name: '2 waiting of mail' }));
      expect(
        await outside(page, ['link:2 waiting of mail', 'link:3 dead of mail', 'button:Pause mail', 'button:Redrive 3 dead tasks of mail']),
      ).to.deep.equal([]);
      const broken = await brokenWords(page);
      await show(page, '#/schedules');
      expect(await outside(page, ['button:Run now: short', 'button:Pause short', 'button:Remove short'])).to.deep.equal([]);
      broken.push(...(await brokenWords(page)));
      await show(page, '#/broker');
      broken.push(...(await brokenWords(page)));
      expect(broken).to.deep.equal([]);
      for (const { name, hash } of TABS) {
        await show(page, hash);
        await eventually(`the tab ${name} is seen`, async () => (await outside(page, [`link:${name}`])).length === 0);
      }
    });
  });

  it('warns of no lack of processes where clients receive', () =>
    withDesk(opening, browser(), async (desk) => {
      const broker = new Broker(desk.store);
      await broker.createQueue('orders');
      await broker.send('orders', { body: 1 });
      await broker.close();
      const page = await desk.page('#/');
      await seen(page.getByRole('link', { name: '1 waiting of orders' }));
      expect(await page.locator('.queues tbody .warn').count()).to.equal(0);
      expect(await page.locator('.queues tbody').getByText('none').count()).to.equal(0);
    }));

  it('works behind a path, and is allowed nothing from elsewhere', () =>
    withDesk(
      opening,
      browser(),
      async (desk) => {
        await shopOf(desk.store).add('welcome', {});
        const page = await desk.page('#/tasks');
        await seen(page.getByRole('link', { name: 'welcome' }));
        await seen(page.getByRole('button', { name: 'Live' }));
        expect(new URL(page.url()).pathname).to.equal('/ops/tasks/');
      },
      { prefix: '/ops/tasks' },
    ));

  it('offers no action to somebody who may only look', () =>
    withDesk(
      opening,
      browser(),
      async (desk) => {
        await shopOf(desk.store).add('welcome', {});
        const page = await desk.page();
        await seen(page.getByText('read-only'));
        await seen(page.getByRole('link', { name: '1 waiting of mail' }));
        expect(await page.getByRole('button', { name: 'Pause mail' }).count()).to.equal(0);
      },
      { allowWrites: false },
    ));
}

const TABS = [
  { name: 'Queues', hash: '#/broker' },
  { name: 'Tasks', hash: '#/tasks' },
  { name: 'Schedules', hash: '#/schedules' },
];

/** Makes what is wide: long names beside short ones. */
async function fillNarrow(store: Parameters<typeof shopOf>[0]): Promise<void> {
  await shopOf(store).addMany([1, 2].map((index) => ({ name: 'welcome', payload: { index } })));
  await shopOf(store, 'the-notifications-of-customers-in-the-west').add('welcome', {});
  const scheduler = new Scheduler(store);
  const name = 'rebuild the search index of everything';
  await scheduler.upsert('short', { queue: 'mail', name, cron: '*/15 3-6 * * 1,2,3,4,5', timeZone: 'America/Argentina/Buenos_Aires' });
  await scheduler.upsert('a-schedule-with-a-long-name', { queue: 'mail', name, everyMs: 60_000 });
  const broker = new Broker(store);
  await broker.createQueue('orders');
  await broker.createQueue('invoices-of-the-last-quarter');
  await broker.close();
}

/** Of places, written as `role:name`, those that are not wholly on the screen from left to right. */
async function outside(page: Page, places: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      const [role, ...name] = place.split(':');
      const box = await page.getByRole(role as 'link' | 'button', { name: name.join(':'), exact: true }).boundingBox();
      return box && box.x >= 0 && box.x + box.width <= 360 ? [] : [`${place} ${JSON.stringify(box)}`];
    }),
  );
  return found.flat();
}

/** Words of names in tables that stand on two lines. A word ends at a hyphen as well. */
const brokenWords = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('tbody th .shown')].flatMap(({ firstChild: text }) =>
    [...text.data.matchAll(/[^\\s-]+/g)].filter(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
    }).map(([word]) => word))`);

async function oneDead(store: Parameters<typeof shopOf>[0]): Promise<string> {
  const { tasks } = await shopOf(store).list({ states: ['dead'], limit: 1 });
  return `#/tasks/mail/${tasks[0]?.id ?? ''}`;
}

/** Goes to a place and waits until it is drawn. */
async function show(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await seen(page.locator('main h1, main .nothing'));
}

const lightness = async (page: Page): Promise<number> =>
  Number(/\d+/.exec(String(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')))?.[0]);

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** Serious faults that axe finds on a page. */
async function faultsAt(page: Page, hash: string): Promise<string[]> {
  await show(page, hash);
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 160)}`));
}
