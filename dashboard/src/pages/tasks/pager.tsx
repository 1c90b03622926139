import { hrefOf } from '../../route/route';

interface Pages {
  readonly search: string;
  readonly after: string;
  readonly next: string | null;
  readonly shown: number;
}

/** The way through the pages. A page is where it begins, so that none is missed or seen twice while tasks come and go. */
export function Pager({ search, after, next, shown }: Pages) {
  if (after === '' && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {after === '' ? <span class="none">first page</span> : <a href={hrefOf('tasks', [], { q: search })}>« First page</a>}
      <span class="none">{shown} shown</span>
      {next === null ? <span class="none">last page</span> : <a href={hrefOf('tasks', [], { q: search, after: next })}>Next page »</a>}
    </nav>
  );
}
