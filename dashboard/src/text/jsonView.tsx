import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { tasksHref } from '../route/route';
import { quoted } from '../search/tokens';
import { CopyButton } from './copyButton';
import { sizeText } from './numbers';
import { Shown } from './shown';

const ITEMS_SHOWN = 100;
const OPEN_LEVELS = 3;
/** What the server writes in the place of a part that it hides. */
const HIDDEN = /^\[(redacted|hidden)\]$/i;

type Path = readonly string[];

/** A JSON value as a tree. Each plain value leads to the tasks that have the same. */
export function JsonView({ value, what, root }: { readonly value: unknown; readonly what: string; readonly root?: 'payload' | 'meta' }) {
  if (value === undefined) return <p class="none">none</p>;
  const text = JSON.stringify(value, null, 2);
  return (
    <div class="json" role="region" aria-label={what}>
      <div class="json-tree">
        <Value value={value} path={root ? [root] : []} depth={0} />
      </div>
      <div class="long-tools">
        <span class="none">{sizeText(text.length)}</span>
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}

function Value({ value, path, depth }: { readonly value: unknown; readonly path: Path; readonly depth: number }) {
  if (Array.isArray(value)) {
    return <Branch entries={value.map((each, index) => [String(index), each] as const)} ends="[]" path={path} depth={depth} />;
  }
  if (typeof value === 'object' && value !== null) return <Branch entries={Object.entries(value)} ends="{}" path={path} depth={depth} />;
  return <Leaf value={value as string | number | boolean | null} path={path} />;
}

interface BranchProps {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly ends: string;
  readonly path: Path;
  readonly depth: number;
}

function Branch({ entries, ends, path, depth }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < OPEN_LEVELS);
  if (entries.length === 0) return <span class="json-ends">{ends}</span>;
  return (
    <>
      <button type="button" class="json-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? '▾' : '▸'} {ends[0]}
        {!isOpen && ` ${entries.length} ${ends[1] as string}`}
      </button>
      {isOpen && <Entries entries={entries} ends={ends} path={path} depth={depth} />}
      {isOpen && <span class="json-ends">{ends[1]}</span>}
    </>
  );
}

function Entries({ entries, ends, path, depth }: BranchProps) {
  const [most, setMost] = useState(ITEMS_SHOWN);
  return (
    <ul>
      {entries.slice(0, most).map(([key, value]) => (
        <li key={key}>
          {ends === '{}' && <Key name={key} />}
          <Value value={value} path={[...path, key]} depth={depth + 1} />
        </li>
      ))}
      {entries.length > most && (
        <li>
          <button type="button" class="quiet small" onClick={() => setMost(most * 10)}>
            {entries.length - most} more
          </button>
        </li>
      )}
    </ul>
  );
}

const Key = ({ name }: { readonly name: string }): ComponentChildren => (
  <span class="json-key">
    <Shown text={name} />
    {': '}
  </span>
);

function Leaf({ value, path }: { readonly value: string | number | boolean | null; readonly path: Path }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === 'string' && HIDDEN.test(value)) return <span class="hidden-part">▒ hidden</span>;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const shown = <Shown text={text} most={isWhole ? 100_000 : 400} />;
  return (
    <span class={`json-value json-${value === null ? 'null' : typeof value}`}>
      {isSearchable(path, text) ? (
        <a href={tasksHref(`${path.join('.')}:${quoted(String(value))}`)} title="Find the tasks with this value">
          {shown}
        </a>
      ) : (
        shown
      )}
      {text.length > 400 && !isWhole && (
        <button type="button" class="quiet small" onClick={() => setWhole(true)}>
          {sizeText(text.length)}
        </button>
      )}
    </span>
  );
}

/** A path of the search language has plain names. */
const isSearchable = (path: Path, text: string): boolean => path.length > 1 && text.length <= 120 && path.every((name) => /^[\w-]+$/.test(name));
