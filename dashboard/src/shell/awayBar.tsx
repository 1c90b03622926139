import type { ComponentChildren } from 'preact';
import { useCell } from '../live/cell';
import { second } from '../live/clock';
import { link } from '../live/link';
import { picture } from '../live/picture';
import { durationText } from '../text/durations';

/** Says how old the picture is while nothing new comes, on every page. */
export function AwayBar() {
  const state = useCell(link.state);
  const lack = useCell(picture.lack);
  useCell(second);
  if (state === 'paused') return <Paused />;
  if (state === 'away') return <Away what="The server does not answer." since={link.answeredAt} back="the server is back" />;
  if (lack === null) return null;
  if (lack.isStore) return <Away what="The store does not answer." since={lack.since} back="the store is back" />;
  return <Away what="The server has failed to answer a question of this page." since={lack.since} back="it is answered" />;
}

const Away = ({ what, since, back }: { readonly what: string; readonly since: number | null; readonly back: string }) => (
  <Bar kind="away" sign="✕">
    {what} {since !== null && <Age since={since} />} The page goes on by itself when {back}.
  </Bar>
);

const Paused = () => (
  <Bar kind="paused" sign="❚❚">
    Updates are paused. <Age since={link.answeredAt} />
    <button type="button" class="small" onClick={() => link.toggle()}>
      Go on
    </button>
  </Bar>
);

const Bar = ({ kind, sign, children }: { readonly kind: string; readonly sign: string; readonly children: ComponentChildren }) => (
  <div class={`bar bar-${kind}`} role="status">
    <span aria-hidden="true">{sign}</span> <span class="bar-text">{children}</span>
  </div>
);

const Age = ({ since }: { readonly since: number }) => (
  <>
    This picture is <b class="number">{durationText(Math.max(1_000, Math.round((Date.now() - since) / 1_000) * 1_000))}</b> old.
  </>
);
