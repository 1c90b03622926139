import { pathOf } from '../../api/client';
import { useAnswer } from '../../live/useAnswer';
import { openDialog } from '../../parts/dialog';
import { Fault, Loading } from '../../parts/fault';
import { Shown } from '../../text/shown';
import { Time } from '../../text/time';

/** Shows when a schedule comes next. */
export const openNext = (id: string): void => openDialog((close) => <NextTimes id={id} close={close} />);

function NextTimes({ id, close }: { readonly id: string; readonly close: () => void }) {
  const { data, error } = useAnswer<{ times: readonly string[]; paused: boolean }>(`admin/schedules/${pathOf(id)}/next?count=10`, ['schedules']);
  return (
    <>
      <h2 id="dialog-title">
        The next times of <Shown text={id} most={60} />
      </h2>
      {error !== undefined && <Fault error={error} what="They cannot be shown" />}
      {!data && error === undefined && <Loading rows={4} />}
      {data?.paused === true && data.times.length > 0 && <p class="none">It is paused: it would come at these times if it were resumed now.</p>}
      {data && (
        <ol class="times">
          {data.times.map((at) => (
            <li key={at}>
              <Time at={at} isExact />{' '}
              <span class="none">
                <Time at={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {data?.times.length === 0 && <p class="none">It does not come again.</p>}
      <div class="dialog-tools">
        <button type="button" class="primary" autofocus onClick={close}>
          Close
        </button>
      </div>
    </>
  );
}
