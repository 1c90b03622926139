import { useEffect, useState } from 'preact/hooks';
import { stopBatch } from '../actions/batches';
import type { Batch } from '../api/types';
import { useCell } from '../live/cell';
import { second, serverNow } from '../live/clock';
import { useAnswer } from '../live/useAnswer';
import { session, useCanWrite } from '../live/session';
import { countText, wholeNumber } from '../text/numbers';
import { Shown } from '../text/shown';

const begunAt = Date.now();
const SHOWN_AFTER_MS = 60_000;

/** The batches that run, and those that ended a short while ago. */
export function BatchBars() {
  const { data, refresh } = useAnswer<{ batches: readonly Batch[] }>('admin/batches', ['batches']);
  const [dismissed, dismiss] = useState<readonly string[]>([]);
  const tick = useCell(second);
  const batches = (data?.batches ?? []).filter((batch) => isShown(batch) && !dismissed.includes(batch.id));
  const areRunning = batches.some(({ state }) => state === 'running');
  useEffect(() => {
    if (areRunning) refresh();
  }, [tick]);
  if (batches.length === 0) return null;
  return (
    <div class="batches" role="status" aria-label="Batches">
      {batches.map((batch) => (
        <BatchBar key={batch.id} batch={batch} dismiss={() => dismiss([...dismissed, batch.id])} />
      ))}
    </div>
  );
}

/** A batch that ended before the page was opened is of no interest. */
const isShown = ({ state, endedAt }: Batch): boolean =>
  state === 'running' || (endedAt !== null && Date.parse(endedAt) > Math.max(begunAt - 2_000, serverNow() - SHOWN_AFTER_MS));

const NAMES = { retry: 'Retry', cancel: 'Cancel', remove: 'Remove', redrive: 'Redrive' } as const;
const STATES = { running: '', done: '✓ done', stopped: '■ stopped', failed: '✕ failed' } as const;

function BatchBar({ batch, dismiss }: { readonly batch: Batch; readonly dismiss: () => void }) {
  const { id, action, search, state, expected, seen, changed, clashed, by } = batch;
  const canWrite = useCanWrite();
  const me = useCell(session)?.user ?? null;
  return (
    <div class={`batch batch-${state}`}>
      <span class="batch-what">
        <b>{NAMES[action]}</b> <code>{search === '' ? 'all tasks' : <Shown text={search} most={80} />}</code>
        {by !== null && by !== me && (
          <>
            {' '}
            by <Shown text={by} most={40} />
          </>
        )}
      </span>
      <progress
        max={Math.max(1, expected.count, seen)}
        value={state === 'done' ? Math.max(1, expected.count, seen) : seen}
        aria-label={`Progress of ${NAMES[action]}`}
      />
      <span class="number">
        {wholeNumber(changed)} of {countText(expected.count, expected.isExact)}
        {clashed > 0 && ` · ${wholeNumber(clashed)} had moved on`} {STATES[state]}
      </span>
      {state === 'running' && canWrite && (
        <button type="button" class="small" onClick={() => void stopBatch(id)}>
          Stop
        </button>
      )}
      {state !== 'running' && (
        <button type="button" class="quiet small" aria-label="Dismiss" onClick={dismiss}>
          ✕
        </button>
      )}
    </div>
  );
}
