import { useCell } from '../live/cell';
import { second } from '../live/clock';
import { link } from '../live/link';
import { durationText } from '../text/durations';

/** Says how old the picture is while nothing new comes. */
export function AwayBar() {
  const state = useCell(link.state);
  useCell(second);
  if (state !== 'away' && state !== 'paused') return null;
  const age = durationText(Math.max(1_000, Math.round((Date.now() - link.answeredAt) / 1_000) * 1_000));
  return (
    <div class={`bar bar-${state}`} role="status">
      {state === 'away' ? (
        <>
          <span aria-hidden="true">✕</span> The server does not answer. This picture is <b class="number">{age}</b> old. The page goes on by itself
          when the server is back.
        </>
      ) : (
        <>
          <span aria-hidden="true">❚❚</span> Updates are paused. This picture is <b class="number">{age}</b> old.
          <button type="button" class="small" onClick={() => link.toggle()}>
            Go on
          </button>
        </>
      )}
    </div>
  );
}
