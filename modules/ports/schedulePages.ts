import type { Schedule } from '../schedule/schedule';
import type { ScheduleStore } from './scheduleStore';

/** Schedules that are read at once. */
const PAGE_SCHEDULES = 250;

/** Walks through all schedules, ordered by id, a page at a time. */
export async function* schedulePages(schedules: Pick<ScheduleStore, 'list'>): AsyncGenerator<readonly Schedule[]> {
  for (let after: string | undefined; ;) {
    const page = await schedules.list(PAGE_SCHEDULES, after);
    yield page;
    if (page.length < PAGE_SCHEDULES) return;
    after = page.at(-1)?.id;
  }
}
