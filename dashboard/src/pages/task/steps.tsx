import type { Step } from '../../api/types';
import { JsonView } from '../../text/jsonView';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';

const SIGNS = { step: '✓', sleep: '◔', wait: '◔', signal: '✓', timeout: '!' } as const;
const WORDS = { step: 'done', sleep: 'slept until', wait: 'waits until', signal: 'signal came', timeout: 'no signal came in time' } as const;

/** The steps that a durable handler has done, in their order: they are not done again. */
export function Steps({ steps }: { readonly steps: readonly Step[] }) {
  if (!steps || steps.length === 0) return null;
  return (
    <>
      <h3>Steps</h3>
      <ol class="steps">
        {steps.map((step) => (
          <li key={`${step.at} ${step.name}`}>
            <span class="sign" aria-hidden="true">
              {SIGNS[step.kind]}
            </span>{' '}
            <b>
              <Shown text={step.name} most={100} />
            </b>{' '}
            <span class="none">
              {WORDS[step.kind]} {step.until && <Time at={step.until} />}
            </span>
            {step.value !== undefined && step.value !== null && (
              <details>
                <summary>result</summary>
                <JsonView value={step.value} what="the result of the step" />
              </details>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
