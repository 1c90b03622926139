import { useEffect, useRef } from 'preact/hooks';
import { showKeyHelp } from '../keys/keyHelp';
import { useCell } from '../live/cell';
import { link } from '../live/link';
import type { LinkState } from '../live/link';
import { picture } from '../live/picture';
import { theme, turnTheme, turnZone, zone } from '../live/preferences';
import { session } from '../live/session';
import { hrefOf } from '../route/route';
import { Shown } from '../text/shown';
import { PLACES } from './places';

export function Header({ page }: { readonly page: string }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => showCurrent(nav.current), [page]);
  return (
    <header class="head">
      <a class="brand" href={hrefOf('overview')}>
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
          <rect width="24" height="24" rx="6" class="brand-ground" />
          <path d="M8 5v14M16 5v14M8 12h8" class="brand-line" />
        </svg>
        Holdfast
      </a>
      <nav aria-label="Pages" ref={nav}>
        {PLACES.map((place) => (
          <a key={place.page} href={hrefOf(place.page)} aria-current={place.page === page ? 'page' : undefined} title={`g ${place.key}`}>
            {place.name}
          </a>
        ))}
      </nav>
      <Tools />
    </header>
  );
}

/** Moves the tabs of a narrow screen, and nothing else, so that the current one is seen between its neighbours. */
function showCurrent(nav: HTMLElement | null): void {
  const current = nav?.querySelector('[aria-current]')?.getBoundingClientRect();
  if (!nav || !current) return;
  const { left, width } = nav.getBoundingClientRect();
  nav.scrollLeft += current.left - left - (width - current.width) / 2;
}

const THEMES = { auto: ['◐', 'as the system'], dark: ['●', 'dark'], light: ['○', 'light'] } as const;

function Tools() {
  const [sign, name] = THEMES[useCell(theme)];
  const where = useCell(zone);
  return (
    <div class="tools">
      <Who />
      <LiveButton />
      <button
        type="button"
        class="quiet"
        onClick={turnZone}
        title="Times in local time or UTC"
        aria-label={`Times: ${where === 'utc' ? 'UTC' : 'local'}`}
      >
        {where === 'utc' ? 'UTC' : 'local'}
      </button>
      <button type="button" class="quiet" onClick={turnTheme} title={`Colours: ${name}`} aria-label={`Colours: ${name}`}>
        {sign}
      </button>
      <button type="button" class="quiet" onClick={showKeyHelp} title="Keys (?)" aria-label="Keys">
        ?
      </button>
    </div>
  );
}

function Who() {
  const known = useCell(session);
  if (!known) return null;
  return (
    <span class="who" title={`${known.store.url}\nHoldfast ${known.version}`}>
      {known.user && <Shown text={known.user} most={40} />}
      {!known.canWrite && <span class="badge">read-only</span>}
      <span class="badge">{known.store.kind}</span>
    </span>
  );
}

const STATES: Readonly<Record<LinkState, readonly [string, string]>> = {
  opening: ['○', 'Opening'],
  live: ['●', 'Live'],
  paused: ['❚❚', 'Paused'],
  away: ['✕', 'Away'],
};

function LiveButton() {
  const linked = useCell(link.state);
  const lack = useCell(picture.lack);
  // The link to the server may hold while what it shows is old.
  const state = linked === 'live' && lack !== null ? 'away' : linked;
  const [sign, name] = STATES[state];
  const isPaused = state === 'paused';
  return (
    <button
      type="button"
      class={`quiet live live-${state}`}
      aria-pressed={isPaused}
      onClick={() => link.toggle()}
      title={`${isPaused ? 'Go on' : 'Pause'} (p)`}
    >
      <span aria-hidden="true">{sign}</span> {name}
    </button>
  );
}
