import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Cell, useCell } from '../live/cell';

/** The dialog that is open: what it shows, drawn with the function that closes it. */
const open = new Cell<((close: () => void) => ComponentChildren) | null>(null);

/** Opens a dialog. The one before is gone. */
export const openDialog = (draw: (close: () => void) => ComponentChildren): void => open.set(draw);
export const closeDialog = (): void => open.set(null);

/** Tells whether a dialog takes the keys. The browser tells a little later of one that it has closed. */
export const isDialogOpen = (): boolean => document.querySelector('dialog[open]') !== null;

/** The place of dialogs. The browser keeps the focus in it, closes it by Escape and returns the focus. */
export function Dialogs() {
  const draw = useCell(open);
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (draw && !element.current?.open) element.current?.showModal();
  }, [draw]);
  if (!draw) return null;
  return (
    <dialog ref={element} aria-labelledby="dialog-title" onClose={closeDialog} onClick={(event) => event.target === element.current && closeDialog()}>
      <div class="dialog">{draw(closeDialog)}</div>
    </dialog>
  );
}

/** The buttons below a form in a dialog. */
export const DialogTools = ({ close, act }: { readonly close: () => void; readonly act: string }) => (
  <div class="dialog-tools">
    <button type="button" onClick={close}>
      Back
    </button>
    <button type="submit" class="primary">
      {act}
    </button>
  </div>
);
