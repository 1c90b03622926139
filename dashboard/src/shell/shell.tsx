import { useEffect } from 'preact/hooks';
import { showKeyHelp } from '../keys/keyHelp';
import { useKeys } from '../keys/keyboard';
import { useCell } from '../live/cell';
import { link } from '../live/link';
import { BrokerPage } from '../pages/broker/brokerPage';
import { FailuresPage } from '../pages/failures/failuresPage';
import { OverviewPage } from '../pages/overview/overviewPage';
import { ProcessesPage } from '../pages/processes/processesPage';
import { SchedulesPage } from '../pages/schedules/schedulesPage';
import { TaskPage } from '../pages/task/taskPage';
import { TasksPage } from '../pages/tasks/tasksPage';
import { Dialogs } from '../parts/dialog';
import { Nothing } from '../parts/fault';
import { Notices } from '../parts/notices';
import { go, hrefOf, route } from '../route/route';
import type { Route } from '../route/route';
import { focusSearch } from '../search/searchBox';
import { AwayBar } from './awayBar';
import { BatchBars } from './batchBars';
import { Header } from './header';
import { PLACES } from './places';

const toSearch = (): void => {
  if (route.value.page === 'tasks' && route.value.rest.length === 0) focusSearch();
  else {
    focusSearch();
    go(hrefOf('tasks'));
  }
};

const SHELL_KEYS = {
  '/': toSearch,
  p: () => link.toggle(),
  '?': showKeyHelp,
  ...Object.fromEntries(PLACES.map(({ page, key }) => [`g ${key}`, () => go(hrefOf(page))])),
};

export function Shell() {
  const at = useCell(route);
  useKeys(SHELL_KEYS);
  useEffect(() => {
    const name = PLACES.find(({ page }) => page === at.page)?.name ?? 'Holdfast';
    document.title = `${name} · Holdfast`;
  }, [at.page]);
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), document.getElementById('content')?.focus())}>
        Skip to the content
      </a>
      <Header page={at.page} />
      <AwayBar />
      <main id="content" tabIndex={-1}>
        <BatchBars />
        <Page at={at} />
      </main>
      <Notices />
      <Dialogs />
    </>
  );
}

function Page({ at: { page, rest, query } }: { readonly at: Route }) {
  const [first, second] = rest;
  if (page === 'overview') return <OverviewPage />;
  if (page === 'tasks' && first !== undefined && second !== undefined) return <TaskPage key={`${first}/${second}`} queue={first} id={second} />;
  if (page === 'tasks') return <TasksPage search={query['q'] ?? ''} after={query['after'] ?? ''} />;
  if (page === 'failures') return <FailuresPage chosen={first} />;
  if (page === 'processes') return <ProcessesPage worker={query['worker']} />;
  if (page === 'schedules') return <SchedulesPage />;
  if (page === 'broker') return <BrokerPage chosen={first} />;
  return <Nothing title="There is no such page" text="Choose one above." />;
}
