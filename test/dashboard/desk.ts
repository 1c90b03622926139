import { expect } from 'chai';
import Fastify from 'fastify';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { brokerPlugin, startServer } from '../../classes/server/server';
import type { Store } from '../../classes/store/store';
import type { Opening } from '../support/stores';

/** How a page is opened. */
export interface DeskOptions {
  readonly allowWrites?: boolean;
  /** The path under which the server is mounted in another one. */
  readonly prefix?: string;
  readonly browser?: BrowserContextOptions;
  /** The store that is served. By default it is opened. */
  readonly store?: Store;
}

const SHORT_MS = 30_000;

/** A server on the store of a test, with pages of people who look at it. */
export class Desk {
  readonly store: Store;
  readonly #browser: Browser;
  readonly #options: DeskOptions;
  readonly #pages: Page[] = [];
  #server: { readonly url: string; close(): Promise<void> } | undefined;
  #url = '';
  /** What a browser complained of: faults of scripts, and what the policy of the page forbids. */
  readonly complaints: string[] = [];

  private constructor(store: Store, browser: Browser, options: DeskOptions) {
    this.store = store;
    this.#browser = browser;
    this.#options = options;
  }

  static async open(opening: Opening, browser: Browser, options: DeskOptions = {}): Promise<Desk> {
    const desk = new Desk(options.store ?? (await opening.open()), browser, options);
    await desk.startServer();
    return desk;
  }

  /** The number of clicks that were made by `click`. */
  clicks = 0;

  async startServer(): Promise<void> {
    const { prefix, allowWrites = true } = this.#options;
    const port = Number(this.#url === '' ? 0 : new URL(this.#url).port);
    this.#server = prefix === undefined ? await startServer({ store: this.store, port, allowWrites }) : await this.#mounted(prefix, allowWrites);
    this.#url = this.#server.url;
  }

  async #mounted(prefix: string, allowWrites: boolean): Promise<{ url: string; close(): Promise<void> }> {
    const app = Fastify();
    await app.register(brokerPlugin, { prefix, store: this.store, allowWrites });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url: `${url}${prefix}`, close: async () => void (await app.close()) };
  }

  async stopServer(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  /** Opens a page of one more person. */
  async page(hash = '#/', more: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...this.#options.browser, ...more });
    const page = await context.newPage();
    page.setDefaultTimeout(SHORT_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && !isOfNetwork(message.text()) && this.complaints.push(message.text()));
    this.#pages.push(page);
    await page.goto(`${this.#url}/${hash}`);
    return page;
  }

  async click(place: Locator): Promise<void> {
    this.clicks += 1;
    await place.click();
  }

  async close(): Promise<void> {
    for (const page of this.#pages.splice(0)) await page.context().close();
    await this.stopServer();
    expect(this.complaints.splice(0), 'what the browser complained of').to.deep.equal([]);
  }
}

/** The browser itself tells of each answer that is none, which a test may want. */
const isOfNetwork = (text: string): boolean => text.startsWith('Failed to load resource');

/** Waits until a place is seen. */
export const seen = (place: Locator): Promise<void> => place.first().waitFor({ state: 'visible' });

/** Waits until a place is gone. */
export const gone = (place: Locator): Promise<void> => place.first().waitFor({ state: 'detached' });

/** The rows of the list of tasks. */
export const rowsOf = (page: Page): Locator => page.locator('.task-table tbody tr');

/** The number behind a text such as "12 tasks match". */
export const matching = (page: Page, count: string): Locator => page.getByText(new RegExp(`^${count.replace('+', '\\+')} tasks? match`));
