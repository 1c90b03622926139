import { Cell } from '../live/cell';

/** A place of the page. It stands behind the # of the address, so that it works behind any path, and can be sent to somebody. */
export interface Route {
  readonly page: string;
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [page = '', ...rest] = path.split('/').map(decoded);
  return { page: page || 'overview', rest: rest.filter((part) => part !== ''), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** Writes a place. Values that are empty are left out. */
export function hrefOf(page: string, rest: readonly string[] = [], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const path = [page === 'overview' ? '' : page, ...rest.map(encodeURIComponent)].join('/');
  return `#/${path}${given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`}`;
}

export const route = new Cell<Route>(parseRoute(location.hash));

let shown = location.hash;

/** Shows the place of the address. */
function follow(): void {
  if (location.hash === shown) return;
  shown = location.hash;
  const before = route.value.page;
  route.set(parseRoute(shown));
  if (route.value.page !== before) scrollTo(0, 0);
}

addEventListener('hashchange', follow);

/** Goes to a place; with `replace`, in place of the one before. */
export function go(href: string, replace = false): void {
  if (replace) history.replaceState(null, '', href);
  else location.hash = href;
  // At once, and not when the browser tells of it: the next key may be meant for the new place.
  follow();
}

export const tasksHref = (search: string): string => hrefOf('tasks', [], { q: search });
export const taskHref = (queue: string, id: string): string => hrefOf('tasks', [queue, id]);
