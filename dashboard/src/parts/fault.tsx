import { toldOf } from '../api/client';
import { Shown } from '../text/shown';

/** Tells that something could not be shown, and why. */
export function Fault({ error, what, retry }: { readonly error: unknown; readonly what: string; readonly retry?: () => void }) {
  return (
    <div class="fault" role="alert">
      <p>
        <span aria-hidden="true">✕</span> {what}: <Shown text={toldOf(error)} />
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Stands where nothing is known yet, in about the room that it will take. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="loading-row" />
      ))}
    </div>
  );
}

/** Says that there is nothing, and what to do about it. */
export function Nothing({ title, text }: { readonly title: string; readonly text?: string }) {
  return (
    <div class="nothing">
      <p class="nothing-title">{title}</p>
      {text && <p>{text}</p>}
    </div>
  );
}
