import type { Health } from '../../api/types';
import { Shown } from '../../text/shown';

const SIGNS = { bad: '✕', warn: '!', ok: '✓' } as const;
const WORDS = { bad: 'Bad', warn: 'Warning', ok: 'Good' } as const;

/** What is wrong now, the worst first. Each leads to where it can be seen. */
export function HealthStrip({ health }: { readonly health: readonly Health[] }) {
  const shown: readonly Health[] = health.length > 0 ? health : [{ level: 'ok', code: 'fine', text: 'Nothing is wrong.', link: null }];
  return (
    <section class="health" aria-label="What is wrong now">
      <ul>
        {shown.map(({ level, code, text, link }) => (
          <li key={`${code} ${text}`} class={`health-${level}`}>
            <span class="sign" role="img" aria-label={WORDS[level]}>
              {SIGNS[level]}
            </span>
            {link ? (
              <a href={placeOf(link)}>
                <Shown text={text} />
              </a>
            ) : (
              <Shown text={text} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The server names a place of the page, never another address. */
const placeOf = (link: string): string => (link.startsWith('#') ? link : `#/${link.replace(/^\/+/, '')}`);
