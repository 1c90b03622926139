import { Cell, useCell } from '../live/cell';
import { Shown } from '../text/shown';

interface Notice {
  readonly id: number;
  readonly level: 'good' | 'bad';
  readonly text: string;
}

const SHOWN_MS = { good: 6_000, bad: 15_000 };
const MOST = 4;

const notices = new Cell<readonly Notice[]>([]);
let last = 0;

const drop = (id: number): void => notices.set(notices.value.filter((notice) => notice.id !== id));

/** Tells what became of an action, at the edge of the page and to a screen reader. */
export function say(level: Notice['level'], text: string): void {
  const id = (last += 1);
  notices.set([...notices.value, { id, level, text }].slice(-MOST));
  setTimeout(() => drop(id), SHOWN_MS[level]);
}

export function Notices() {
  const shown = useCell(notices);
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown.map(({ id, level, text }) => (
        <div key={id} class={`notice ${level}`}>
          <span aria-hidden="true">{level === 'good' ? '✓' : '✕'}</span>
          <span>
            <Shown text={text} most={500} />
          </span>
          <button type="button" class="quiet small" aria-label="Dismiss" onClick={() => drop(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
