/** The priorities of each queue in which tasks wait, one seek each, and the earliest of their due times. */
const parts = (name: string, index: string, suspect: 0 | 1): string => {
  const best = (queue: string, above: string): string =>
    `(SELECT MIN(priority) FROM holdfast_tasks INDEXED BY ${index} WHERE queue = ${queue} AND state = 'waiting' AND suspect = ${suspect} ${above})`;
  return `${name} (queue, priority) AS (
    SELECT value, ${best('value', '')} FROM json_each(?1)
    UNION ALL SELECT queue, ${best(`${name}.queue`, `AND priority > ${name}.priority`)} FROM ${name} WHERE priority IS NOT NULL)`;
};

const earliest = (name: string, index: string, suspect: 0 | 1): string => `
  SELECT (SELECT MIN(available_at) FROM holdfast_tasks INDEXED BY ${index}
    WHERE queue = ${name}.queue AND state = 'waiting' AND suspect = ${suspect} AND priority = ${name}.priority) AS due
  FROM ${name} WHERE priority IS NOT NULL`;

/** Finds when the next waiting task is due, of the queues of a JSON array. A queue without tasks costs two seeks. */
export const NEXT_DUE_STATEMENT = `WITH RECURSIVE ${parts('plain', 'holdfast_tasks_claim', 0)}, ${parts('suspects', 'holdfast_tasks_suspect', 1)}
  SELECT MIN(due) AS due FROM (${earliest('plain', 'holdfast_tasks_claim', 0)} UNION ALL ${earliest('suspects', 'holdfast_tasks_suspect', 1)})`;
