import type { Schedule } from '../../api/types';
import { useAnswer } from '../../live/useAnswer';
import { Fault, Loading, Nothing } from '../../parts/fault';
import { plural } from '../../text/numbers';
import { ScheduleRow } from './scheduleRow';

/** What comes by itself: when next, and how it went last. */
export function SchedulesPage() {
  const { data, error, refresh } = useAnswer<{ schedules: readonly Schedule[] }>('admin/schedules', ['schedules', 'tasks']);
  if (!data) return error ? <Fault error={error} what="The schedules cannot be shown" retry={refresh} /> : <Loading />;
  if (data.schedules.length === 0)
    return <Nothing title="There are no schedules" text="Add one with scheduler.add, or with holdfast schedule add." />;
  return (
    <>
      <div class="page-head">
        <h1>{plural(data.schedules.length, 'schedule')}</h1>
      </div>
      <section class="card scroll" tabIndex={0} aria-label="Schedules">
        <table class="schedules stack">
          <thead>
            <tr>
              <th scope="col">Schedule</th>
              <th scope="col">When</th>
              <th scope="col">Adds</th>
              <th scope="col" class="number">
                Next
              </th>
              <th scope="col" class="number">
                Last
              </th>
              <th scope="col">Last outcome</th>
              <th scope="col">
                <span class="for-readers">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.schedules.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} />
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
