import { useEffect, useState } from 'preact/hooks';
import { get, withQuery } from '../api/client';
import type { Suggestion } from '../api/types';

/** How long the typing has to pause before the server is asked. */
const PAUSE_MS = 120;
const MOST = 10;

/** Returns what can stand at a place of a search text. While it is asked, nothing old is offered. */
export function useSuggestions(text: string, at: number, isWanted: boolean): readonly Suggestion[] {
  const [found, setFound] = useState<{ readonly of: string; readonly all: readonly Suggestion[] }>({ of: '', all: [] });
  const of = `${at} ${text}`;
  useEffect(() => {
    if (!isWanted) return;
    const calls = new AbortController();
    const ask = (): void =>
      void get<{ suggestions: readonly Suggestion[] }>(withQuery('admin/tasks/suggest', { q: text, at }), calls.signal).then(
        ({ suggestions }) => setFound({ of, all: suggestions.slice(0, MOST) }),
        () => setFound({ of, all: [] }),
      );
    const timer = setTimeout(ask, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      calls.abort();
    };
  }, [of, isWanted]);
  return isWanted && found.of === of ? found.all : [];
}
