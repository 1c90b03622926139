import type { ErrorText, LogLine } from '../../api/types';
import { hrefOf } from '../../route/route';
import { durationText } from '../../text/durations';
import { Shown } from '../../text/shown';
import { Stack } from '../../text/stack';
import { Duration, Time } from '../../text/time';
import type { AttemptEntry } from './timelineOf';

const SIGNS: Readonly<Record<string, string>> = { succeeded: '✓', running: '▶', released: '↩', snoozed: '◔', suspended: '◔', cancelled: '⊘' };

/** One attempt: by whom, how long, how it ended, and what its handler said. */
export function AttemptView({ entry, longest }: { readonly entry: AttemptEntry; readonly longest: number }) {
  const { attempt, workerId, ending, claimedAtMs, waitedMs, durationMs, error, on, log } = entry;
  const isFailed = SIGNS[ending] === undefined;
  return (
    <li class={`event event-${isFailed ? 'failed' : ending}`}>
      <span class="dot" aria-hidden="true">
        {SIGNS[ending] ?? '✕'}
      </span>
      <div>
        <p>
          <b>
            attempt {attempt} <Shown text={ending} />
          </b>{' '}
          {durationMs !== undefined && (
            <>
              after <Duration ms={durationMs} />
            </>
          )}
        </p>
        {durationMs !== undefined && <Bar share={durationMs / longest} isFailed={isFailed} />}
        {claimedAtMs !== undefined && <Begun atMs={claimedAtMs} waitedMs={waitedMs ?? 0} />}
        {workerId && (
          <p class="by">
            by{' '}
            <a href={hrefOf('processes', [], { worker: workerId })}>
              <Shown text={workerId} most={80} />
            </a>
          </p>
        )}
        {on && (
          <p>
            {on.kind === 'signal' ? 'waited for the signal' : 'slept'} <Shown text={on.name} most={80} />
          </p>
        )}
        {error && <Failure error={error} />}
        {log.length > 0 && <Log lines={log} />}
      </div>
    </li>
  );
}

const Begun = ({ atMs, waitedMs }: { readonly atMs: number; readonly waitedMs: number }) => (
  <p>
    begun <Time at={new Date(atMs).toISOString()} /> after a wait of <Duration ms={waitedMs} />
  </p>
);

const Bar = ({ share, isFailed }: { readonly share: number; readonly isFailed: boolean }) => (
  <svg class={`run-bar ${isFailed ? 'run-bar-failed' : ''}`} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    <rect width="100" height="4" class="run-ground" />
    <rect width={Math.max(0.6, share * 100)} height="4" class="run-part" />
  </svg>
);

function Failure({ error: { name, message, stack } }: { readonly error: ErrorText }) {
  return (
    <div class="failure">
      <p>
        <b>
          <Shown text={name} most={80} />
        </b>
        : <Shown text={message} most={500} />
      </p>
      {stack && (
        <details>
          <summary>stack</summary>
          <Stack text={stack} what="the stack" />
        </details>
      )}
    </div>
  );
}

const LEVELS: Readonly<Record<string, string>> = { error: '✕', warn: '!' };

const Log = ({ lines }: { readonly lines: readonly LogLine[] }) => (
  <ol class="log" aria-label="Log lines">
    {lines.map(({ afterMs, level, message }, index) => (
      <li key={index} class={`log-${level}`}>
        <span class="number none">{durationText(afterMs)}</span>
        <span class="log-level">
          {LEVELS[level] ?? ''} {level}
        </span>
        <span>
          <Shown text={message} most={1_000} />
        </span>
      </li>
    ))}
  </ol>
);
