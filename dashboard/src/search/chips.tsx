import { SIGNS } from '../parts/stateMark';
import { tasksHref } from '../route/route';
import { Shown } from '../text/shown';
import { tokensOf, valuesOf, withoutToken, withValue } from './tokens';

const STATES = ['waiting', 'delayed', 'running', 'succeeded', 'dead', 'cancelled'] as const;

/** Filters by state that are a click away, and each token as a chip that can be taken out. */
export function Chips({ search }: { readonly search: string }) {
  const states = valuesOf(search, 'state');
  const tokens = tokensOf(search).filter(({ key, isNegated }) => key !== 'state' || isNegated || states.length > 1);
  return (
    <div class="filters">
      <nav class="states" aria-label="States">
        <a href={tasksHref(withValue(search, 'state', null))} aria-current={states.length === 0 || undefined}>
          All
        </a>
        {STATES.map((state) => (
          <a key={state} href={tasksHref(withValue(search, 'state', state))} aria-current={(states.length === 1 && states[0] === state) || undefined}>
            <span class={`sign state-${state}`} aria-hidden="true">
              {SIGNS[state]}
            </span>{' '}
            {state}
          </a>
        ))}
      </nav>
      {tokens.length > 0 && (
        <ul class="chips" aria-label="Filters, all of which hold">
          {tokens.map((token) => (
            <li key={token.from} class="chip">
              <Shown text={token.text} most={60} />
              <a href={tasksHref(withoutToken(search, token))} aria-label={`Take out ${token.text.slice(0, 60)}`}>
                ✕
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
