import type { TaskPage } from '../../api/types';
import { Shown } from '../../text/shown';
import { wholeNumber } from '../../text/numbers';

/** Says which part of a search no index serves, and how far it came. */
export function SlowNote({ page: { slow, looked, isComplete } }: { readonly page: TaskPage }) {
  if (slow.length === 0 && isComplete) return null;
  return (
    <div class="slow" role="note">
      <span aria-hidden="true">!</span>
      <div>
        {slow.map((text) => (
          <p key={text}>
            <Shown text={text} most={300} />
          </p>
        ))}
        {!isComplete && (
          <p>{wholeNumber(looked)} tasks were looked at so far. The next page goes on from there; a queue, a state or a time narrows the search.</p>
        )}
      </div>
    </div>
  );
}
