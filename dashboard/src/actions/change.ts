import { post, toldOf } from '../api/client';
import { link } from '../live/link';
import { say } from '../parts/notices';

/** Changes something that is no task, and tells what became of it. */
export async function change(path: string, done: string, body: unknown = {}, method: 'POST' | 'DELETE' = 'POST'): Promise<boolean> {
  try {
    await post(path, method === 'DELETE' ? undefined : body, method);
    say('good', done);
    link.announce();
    return true;
  } catch (error) {
    say('bad', toldOf(error));
    return false;
  }
}
