import { html } from 'ghtml';
import type { PeekedMessage, QueueInfo, QueueStats } from '../broker/brokerTypes';
import { STYLE_ELEMENT } from './pageStyle';
import { longBody, until } from './shownMessage';

/** What the messages of a queue are narrowed to. */
export const SHOWN_STATES = ['waiting', 'delayed', 'in-flight', 'dead'] as const;

export type ShownState = (typeof SHOWN_STATES)[number];

/** The form that is open. While there is one the page is not refreshed, which would empty it. */
export const PAGE_FORMS = ['send', 'purge'] as const;

export type PageForm = (typeof PAGE_FORMS)[number];

/** The queue whose messages are shown. */
export interface ShownQueue {
  readonly name: string;
  readonly state: ShownState | undefined;
  readonly form: PageForm | undefined;
  readonly messages: readonly PeekedMessage[];
  /** Buttons that the reader may use. */
  readonly may: { readonly send: boolean; readonly manage: boolean };
}

/** What the page shows. */
export interface PageView {
  readonly now: Date;
  readonly queues: readonly { readonly queue: QueueInfo; readonly stats: QueueStats }[];
  readonly hasMore: boolean;
  readonly shown: ShownQueue | undefined;
}

const REFRESH_SECONDS = 1;

/** Renders the state of the broker. Every value is escaped where it is put in; a part that is HTML already is marked by `!`. */
export function statePage({ now, queues, hasMore, shown }: PageView): string {
  const isRefreshed = shown?.form === undefined;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        !${isRefreshed ? html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}" />` : ''}
        <title>!${shown ? html`${shown.name} – ` : ''}Holdfast broker</title>
        !${STYLE_ELEMENT}
      </head>
      <body>
        <h1><a href="./">Holdfast broker</a></h1>
        <p class="dim">
          ${now.toISOString()}!${isRefreshed ? '' : ' – not refreshed while a form is open'} · <a href="../">Dashboard</a> · <a href="../docs">API</a>
        </p>
        !${queuesPart(queues, shown?.name)} !${hasMore ? '<p class="dim">There are more queues than these.</p>' : ''}
        !${shown ? queuePart(shown, now) : ''}
      </body>
    </html>`;
}

function queuesPart(queues: PageView['queues'], current: string | undefined): string {
  if (queues.length === 0) return html`<p>There are no queues yet. Make one: <code>curl -X PUT …/v1/queues/orders</code></p>`;
  const head = ['queue', 'waiting', 'delayed', 'in flight', 'dead', 'oldest'].map(
    (name, index) => html`<th class="${index > 0 ? 'number' : ''}">${name}</th>`,
  );
  return html`<table>
    <thead>
      <tr>
        !${head.join('')}
      </tr>
    </thead>
    <tbody>
      !${queues.map((row) => queueRow(row, current)).join('')}
    </tbody>
  </table>`;
}

function queueRow({ queue, stats }: PageView['queues'][number], current: string | undefined): string {
  const { waiting, delayed, inFlight, dead, oldestSeconds, isRounded } = stats;
  const cells = [waiting, delayed, inFlight, dead].map((count) => html`<td class="number">${isRounded ? '≥ ' : ''}${count}</td>`);
  return html`<tr class="${queue.name === current ? 'current' : ''}">
    <td><a href="./?queue=${encodeURIComponent(queue.name)}">${queue.name}</a>!${queue.isPaused ? ' <span class="dim">paused</span>' : ''}</td>
    !${cells.join('')}
    <td class="number">${oldestSeconds === null ? '' : `${Math.round(oldestSeconds)} s`}</td>
  </tr>`;
}

function queuePart(shown: ShownQueue, now: Date): string {
  const { name, messages, form } = shown;
  return html`<h2>${name}</h2>
    <nav>!${stateLinks(shown)} !${buttons(shown)}</nav>
    !${form === 'send' ? sendForm(name) : ''} !${form === 'purge' ? purgeForm(name) : ''}
    <table>
      <thead>
        <tr>
          <th>message</th>
          <th>state</th>
          <th class="number">time left</th>
          <th class="number">received</th>
          <th>body</th>
        </tr>
      </thead>
      <tbody>
        !${messages.map((message) => messageRow(message, now)).join('')}
      </tbody>
    </table>
    !${messages.length === 0 ? '<p class="dim">No messages.</p>' : ''}`;
}

const linkTo = (name: string, rest: string): string => `./?queue=${encodeURIComponent(name)}${rest}`;

function stateLinks({ name, state }: ShownQueue): string {
  const links = [undefined, ...SHOWN_STATES].map(
    (each) =>
      html`<a class="${each === state ? 'chosen' : ''}" href="${linkTo(name, each === undefined ? '' : `&state=${each}`)}">${each ?? 'all'}</a>`,
  );
  return links.join(' ');
}

function buttons({ name, may }: ShownQueue): string {
  const path = `queues/${encodeURIComponent(name)}`;
  const send = may.send ? html`<a class="button" href="${linkTo(name, '&form=send')}">send…</a>` : '';
  if (!may.manage) return send;
  return html`!${send}
    <form method="post" action="${path}/redrive"><button>redrive dead letters</button></form>
    <a class="button" href="${linkTo(name, '&form=purge')}">purge…</a>`;
}

const sendForm = (name: string): string =>
  html`<form class="wide" method="post" action="queues/${encodeURIComponent(name)}/send">
    <label>Body <textarea name="body" required autofocus>{"hello": "world"}</textarea></label>
    <label>Content type <input name="contentType" value="application/json" maxlength="256" /></label>
    <label>Delay in seconds <input name="delaySeconds" type="number" min="0" max="43200" value="0" /></label>
    <button>send</button> <a href="${linkTo(name, '')}">cancel</a>
  </form>`;

const purgeForm = (name: string): string =>
  html`<form class="wide" method="post" action="queues/${encodeURIComponent(name)}/purge">
    <p>This removes every message of ${name}, those in flight included. It cannot be undone.</p>
    <button>purge ${name}</button> <a href="${linkTo(name, '')}">cancel</a>
  </form>`;

function messageRow(message: PeekedMessage, now: Date): string {
  const { id, state, contentType, receiveCount, deadLetter } = message;
  const why = deadLetter
    ? html`<br /><span class="dim">${deadLetter.reason}!${deadLetter.description ? html`: ${deadLetter.description}` : ''}</span>`
    : '';
  return html`<tr>
    <td><code>${id}</code><br /><span class="dim">${message.sentAt.toISOString()}</span></td>
    <td class="${state}">${state}!${why}</td>
    <td class="number">${until(message, now)}</td>
    <td class="number">${receiveCount}</td>
    <td>
      <span class="dim">${contentType}</span>
      <pre>${longBody(message)}</pre>
    </td>
  </tr>`;
}
