import { CopyButton } from './copyButton';
import { Shown } from './shown';

const LINES_SHOWN = 60;
/** Frames that are not of the user: of Node.js, of packages, and of Holdfast in a checkout. */
const OTHERS = /^\s+at .*(node:|node_modules|\/build\/(classes|modules)\/)/;

/** A stack trace, in which the frames of the user's own code stand out. */
export function Stack({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div class="long">
      <pre tabIndex={0} role="region" aria-label={what}>
        {text
          .split('\n')
          .slice(0, LINES_SHOWN)
          .map((line, index) => (
            <span key={index} class={OTHERS.test(line) ? 'frame-other' : ''}>
              <Shown text={line} most={2_000} />
              {'\n'}
            </span>
          ))}
      </pre>
      <div class="long-tools">
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}
