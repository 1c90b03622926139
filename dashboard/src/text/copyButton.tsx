import { useState } from 'preact/hooks';
import { say } from '../parts/notices';

/** A button that copies a text. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    } catch {
      say('bad', 'The browser does not allow this page to copy.');
    }
  };
  return (
    <button type="button" class="quiet small" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      {isDone ? '✓ copied' : 'copy'}
    </button>
  );
}
