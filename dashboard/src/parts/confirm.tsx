import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { openDialog } from './dialog';

export interface Question {
  readonly title: string;
  readonly text: ComponentChildren;
  /** What the button says. */
  readonly act: string;
  readonly isDangerous?: boolean;
  /** What has to be typed first, for what cannot be taken back and is much. */
  readonly typed?: string;
}

/** Asks before something is done. */
export function confirmed(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    openDialog((close) => (
      <Confirm
        question={question}
        answer={(isSure) => {
          resolve(isSure);
          close();
        }}
      />
    ));
  });
}

function Confirm({ question, answer }: { readonly question: Question; readonly answer: (isSure: boolean) => void }) {
  const [typed, setTyped] = useState('');
  const isReady = question.typed === undefined || typed.trim() === question.typed;
  const send = (event: Event): void => {
    event.preventDefault();
    if (isReady) answer(true);
  };
  return (
    <form onSubmit={send}>
      <h2 id="dialog-title">{question.title}</h2>
      <div class="dialog-text">{question.text}</div>
      {question.typed !== undefined && (
        <label>
          Type {question.typed} to go on
          <input value={typed} autocomplete="off" onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
        </label>
      )}
      <div class="dialog-tools">
        <button type="button" onClick={() => answer(false)}>
          Back
        </button>
        <button type="submit" class={question.isDangerous ? 'danger' : 'primary'} disabled={!isReady} autofocus>
          {question.act}
        </button>
      </div>
    </form>
  );
}
