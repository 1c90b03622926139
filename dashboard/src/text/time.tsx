import { useCell } from '../live/cell';
import { second, serverNow } from '../live/clock';
import { zone } from '../live/preferences';
import { durationText, exactText, relativeText } from './durations';

/** An instant: relative, with the exact one on hover; or the exact one. */
export function Time({ at, isExact = false }: { readonly at: string | null | undefined; readonly isExact?: boolean }) {
  useCell(second);
  const where = useCell(zone);
  if (!at) return <span class="none">–</span>;
  const ms = Date.parse(at);
  const exact = exactText(ms, where);
  return (
    <time dateTime={at} title={isExact ? relativeText(ms, serverNow()) : exact}>
      {isExact ? exact : relativeText(ms, serverNow())}
    </time>
  );
}

/** A length of time. */
export function Duration({ ms }: { readonly ms: number | null | undefined }) {
  return ms === null || ms === undefined ? <span class="none">–</span> : <span class="number">{durationText(ms)}</span>;
}

/** The time since an instant, which goes on. */
export function Since({ at }: { readonly at: string | null | undefined }) {
  useCell(second);
  return <Duration ms={at ? Math.max(0, serverNow() - Date.parse(at)) : null} />;
}
