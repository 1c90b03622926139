import { useState } from 'preact/hooks';
import { CopyButton } from './copyButton';
import { sizeText } from './numbers';
import { Shown } from './shown';

/** The characters that are drawn at first, and at most. A browser stands still for seconds on a line of a million. */
const FIRST = 4_000;
const MOST = 200_000;

/** A text of any length: its beginning, and the rest on demand. */
export function LongText({ text, what }: { readonly text: string; readonly what: string }) {
  const [most, setMost] = useState(FIRST);
  const isLong = text.length > FIRST;
  return (
    <div class="long">
      <pre tabIndex={0} role="region" aria-label={what}>
        <Shown text={text} most={most} />
      </pre>
      <div class="long-tools">
        {isLong && most === FIRST && (
          <button type="button" class="quiet small" onClick={() => setMost(MOST)}>
            show more of {sizeText(text.length)}
          </button>
        )}
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}
