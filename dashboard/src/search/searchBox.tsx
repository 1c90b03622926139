import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Suggestion } from '../api/types';
import { Refusal } from '../api/client';
import { go, tasksHref } from '../route/route';
import { Shown } from '../text/shown';
import { useSuggestions } from './useSuggestions';

const FIELD = 'search';

let isFocusWanted = false;

/** Puts the cursor into the search box, behind its text; as soon as there is one. */
export function focusSearch(): void {
  const field = document.getElementById(FIELD) as HTMLInputElement | null;
  isFocusWanted = field === null;
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

const applied = (text: string, { text: word, from, to }: Suggestion): string => `${text.slice(0, from)}${word}${text.slice(to)}`;

/** The one box of the search language. Enter searches; what can stand at the cursor is offered below it. */
export function SearchBox({ search, error }: { readonly search: string; readonly error: unknown }) {
  const [typed, setTyped] = useState({ search, text: search });
  // What was typed for another search is forgotten, without a moment in which what is being typed could be.
  const text = typed.search === search ? typed.text : search;
  const [isWanted, want] = useState(false);
  const [chosen, choose] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (isFocusWanted) focusSearch();
  }, []);
  const suggestions = useSuggestions(text, field.current?.selectionStart ?? text.length, isWanted);
  const isOpen = suggestions.length > 0;
  const type = (next: string): void => {
    setTyped({ search, text: next });
    want(true);
    choose(-1);
  };
  const take = (suggestion: Suggestion): void => {
    type(applied(text, suggestion));
    field.current?.focus();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    want(false);
    go(tasksHref(text.trim()));
  };
  const close = (): void => (isOpen ? want(false) : field.current?.blur());
  const onKey = (event: KeyboardEvent): void => onSuggestionKey(event, { suggestions, chosen, choose, take, close });
  return (
    <form class="search" role="search" onSubmit={submit}>
      <Field {...{ field, text, isOpen, chosen, onKey, onText: type, onLeave: () => want(false), isWrong: error instanceof Refusal }} />
      {isOpen && <Suggestions all={suggestions} chosen={chosen} take={take} />}
      <SearchFault error={error} search={search} />
    </form>
  );
}

interface Choice {
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
  readonly choose: (index: number) => void;
  readonly take: (suggestion: Suggestion) => void;
  readonly close: () => void;
}

/** Moves through the suggestions, where the place before the first is that of none, and takes one. */
function onSuggestionKey(event: KeyboardEvent, { suggestions, chosen, choose, take, close }: Choice): void {
  const picked = suggestions[chosen];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const places = suggestions.length + 1;
  if (step !== undefined) choose(((chosen + 1 + step + places) % places) - 1);
  else if ((event.key === 'Enter' || event.key === 'Tab') && picked) take(picked);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
}

interface FieldProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly isOpen: boolean;
  readonly isWrong: boolean;
  readonly chosen: number;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
}

function Field({ field, text, isOpen, isWrong, chosen, onKey, onText, onLeave }: FieldProps) {
  return (
    <div class="search-field">
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5" class="glass" />
        <path d="M10.5 10.5 14 14" class="glass" />
      </svg>
      <input
        ref={field}
        id={FIELD}
        type="text"
        role="combobox"
        aria-label="Search tasks"
        aria-expanded={isOpen}
        aria-controls="suggestions"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && chosen >= 0 ? `suggestion-${chosen}` : undefined}
        aria-invalid={isWrong}
        autocomplete="off"
        spellcheck={false}
        placeholder='state:dead queue:mail payload.user.id:42 error:"timed out"'
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onKeyDown={onKey}
        onBlur={onLeave}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

function Suggestions({
  all,
  chosen,
  take,
}: {
  readonly all: readonly Suggestion[];
  readonly chosen: number;
  readonly take: (one: Suggestion) => void;
}) {
  return (
    <ul id="suggestions" class="suggestions" role="listbox" aria-label="Suggestions">
      {all.map((suggestion, index) => (
        <li
          key={suggestion.text}
          id={`suggestion-${index}`}
          role="option"
          aria-selected={index === chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            take(suggestion);
          }}
        >
          <Shown text={suggestion.text} most={80} />
        </li>
      ))}
    </ul>
  );
}

/** Says what is wrong with a search, and points to the place. */
function SearchFault({ error, search }: { readonly error: unknown; readonly search: string }) {
  if (!(error instanceof Refusal)) return null;
  return (
    <div class="search-fault" role="alert">
      {error.at !== null && (
        <pre aria-hidden="true">
          {search}
          {'\n'}
          {' '.repeat(error.at)}^
        </pre>
      )}
      <p>
        <Shown text={error.message} most={400} />
      </p>
    </div>
  );
}
