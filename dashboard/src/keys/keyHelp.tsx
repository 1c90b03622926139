import { openDialog } from '../parts/dialog';

const KEYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Anywhere',
    [
      ['/', 'search'],
      ['p', 'pause or go on with live updates'],
      ['?', 'this help'],
      ['g o', 'overview'],
      ['g t', 'tasks'],
      ['g f', 'failures'],
      ['g p', 'processes'],
      ['g s', 'schedules'],
      ['g q', 'queues of the broker'],
    ],
  ],
  [
    'In a list',
    [
      ['j k', 'down, up'],
      ['Enter', 'open'],
      ['x', 'select'],
      ['a', 'select the whole page, or nothing'],
      ['n', 'next page'],
      ['.', 'show what is new'],
    ],
  ],
  [
    'On a task or a selection',
    [
      ['r', 'retry'],
      ['c', 'cancel'],
      ['d', 'remove'],
      ['e', 'edit and add as a copy (one task)'],
      ['Esc', 'back'],
    ],
  ],
];

export const showKeyHelp = (): void =>
  openDialog((close) => (
    <>
      <h2 id="dialog-title">Keys</h2>
      {KEYS.map(([title, keys]) => (
        <section key={title} class="keys">
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, text]) => (
              <div key={key}>
                <dt>
                  {key.split(' ').map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <div class="dialog-tools">
        <button type="button" class="primary" autofocus onClick={close}>
          Close
        </button>
      </div>
    </>
  ));
