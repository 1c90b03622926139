import { useLayoutEffect } from 'preact/hooks';
import { isDialogOpen } from '../parts/dialog';

type Handlers = Readonly<Record<string, () => void>>;

/** How long the second key of a pair may take. */
const PAIR_MS = 1_500;

const layers: Handlers[] = [];
let pending = '';
let pendingUntil = 0;

/** Texts are typed into fields, and keys of buttons and links are those of the browser. */
function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !isCheckbox(target);
}

const isCheckbox = (target: HTMLElement): boolean => target instanceof HTMLInputElement && target.type === 'checkbox';
const isPressed = ({ key, target }: KeyboardEvent): boolean =>
  key === 'Enter' && target instanceof HTMLElement && /^(A|BUTTON|SUMMARY)$/.test(target.tagName);

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || isDialogOpen() || isPressed(event)) return;
  const pair = performance.now() < pendingUntil ? `${pending} ${event.key}` : '';
  const names = [pair, event.key].filter((name) => name !== '');
  const handler = names.map((name) => layers.findLast((layer) => layer[name])?.[name]).find((found) => found !== undefined);
  pendingUntil = handler ? 0 : performance.now() + PAIR_MS;
  pending = event.key;
  if (!handler) return;
  event.preventDefault();
  handler();
}

export const listenToKeys = (): void => addEventListener('keydown', onKey);

/** Gives keys a meaning while a part is shown: `j`, `Enter`, or pairs such as `g t`. Of two meanings, the inner part's counts. */
export function useKeys(handlers: Handlers): void {
  // At once after drawing: the next key may come before the browser has painted.
  useLayoutEffect(() => {
    layers.push(handlers);
    return () => void layers.splice(layers.lastIndexOf(handlers), 1);
  });
}
