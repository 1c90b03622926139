import { idOption } from '../../config/optionKinds';
import { listOptions } from '../../config/searchOptions';
import type { ListOptions } from '../../config/optionTypes';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { quoted } from '../../modules/search/suggestions';
import { viewTask } from '../../modules/task/taskView';
import { mapInTurns } from '../../modules/time/inTurns';
import type { StoreParts } from '../store/storeParts';
import type { TaskPage } from './queueTypes';

type Parts = Pick<StoreParts, 'tasks' | 'searches' | 'clock'>;

/** Returns one page of the tasks of a queue. @throws HOLDFAST_OPTION_…, HOLDFAST_SEARCH_INVALID or the error of the store. */
export async function listTasks({ tasks, searches, clock }: Parts, queue: string, options?: Partial<ListOptions>): Promise<TaskPage> {
  const { search, ...request } = resolveOptions(listOptions, options, 'list');
  if (search !== undefined) return listMatching(searches, queue, search, request);
  // A search of several parts has places that a listing does not know.
  if (request.after !== undefined) checkOptions(idOption, request.after, 'list.after');
  const page = await tasks.list({ queue, ...request });
  return { tasks: await mapInTurns(page.tasks, (task) => viewTask(task), clock), next: page.next };
}

/** The user's text comes first, so that the places of its faults are its own. */
function listMatching(searches: Parts['searches'], queue: string, search: string, filter: Omit<ListOptions, 'search'>): Promise<TaskPage> {
  const { states, name, tag, failureGroup, limit, after } = filter;
  const tokens = [
    ...(states ? [`state:${states.join(',')}`] : []),
    ...(name === undefined ? [] : [`name:${quoted(name)}`]),
    ...(tag === undefined ? [] : [`tag:${quoted(tag)}`]),
    ...(failureGroup === undefined ? [] : [`group:${failureGroup}`]),
  ];
  return searches.search([search, ...tokens].join(' '), { limit, within: [queue], ...(after === undefined ? {} : { after }) });
}
