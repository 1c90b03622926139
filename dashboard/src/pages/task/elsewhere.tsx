import type { TaskAnswer } from '../../api/types';
import { hrefOf, tasksHref } from '../../route/route';
import { quoted } from '../../search/tokens';
import { Shown } from '../../text/shown';

/** Where more like this task are found. */
export function Elsewhere({ answer: { task } }: { readonly answer: TaskAnswer }) {
  const { queue, name, uniqueKey, tags, error } = task;
  const failureGroup = error?.group;
  return (
    <section class="card">
      <h2>The same elsewhere</h2>
      <ul class="elsewhere">
        <li>
          <a href={tasksHref(`queue:${quoted(queue)} name:${quoted(name)}`)}>
            Tasks named <Shown text={name} most={60} />
          </a>
        </li>
        {failureGroup && (
          <li>
            <a href={hrefOf('failures', [failureGroup])}>Failures of the same cause</a> ·{' '}
            <a href={tasksHref(`group:${quoted(failureGroup)}`)}>their tasks</a>
          </li>
        )}
        {uniqueKey !== null && (
          <li>
            <a href={tasksHref(`key:${quoted(uniqueKey)}`)}>Tasks with the same unique key</a>
          </li>
        )}
        {tags.map((tag) => (
          <li key={tag}>
            <a href={tasksHref(`tag:${quoted(tag)}`)}>
              Tasks tagged <Shown text={tag} most={60} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
