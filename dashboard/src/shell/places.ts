/** The places of the page, with the key that leads there behind `g`. */
export const PLACES = [
  { page: 'overview', name: 'Overview', key: 'o' },
  { page: 'tasks', name: 'Tasks', key: 't' },
  { page: 'failures', name: 'Failures', key: 'f' },
  { page: 'processes', name: 'Processes', key: 'p' },
  { page: 'schedules', name: 'Schedules', key: 's' },
  { page: 'broker', name: 'Queues', key: 'q' },
] as const;
