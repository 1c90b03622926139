import { redriveOptions } from '../../config/bulkOptions';
import { idOption } from '../../config/options';
import type { RedriveOptions } from '../../config/optionTypes';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { BulkFilter } from '../../modules/ports/bulk';
import type { BulkOptions } from '../bulk/bulks';

/** What a redrive is asked to change, and how. */
interface Redriven {
  readonly filter: Omit<BulkFilter, 'queue' | 'states'>;
  readonly options: BulkOptions;
}

/** Reads the argument of a redrive: one id, several, or options. @throws HOLDFAST_OPTION_… */
export function redriven(which: string | readonly string[] | Partial<RedriveOptions>): Redriven {
  if (typeof which === 'string') return { filter: { ids: [checkedId(which, 'id')] }, options: {} };
  if (isList(which)) return { filter: { ids: which.map((id, index) => checkedId(id, `ids[${index}]`)) }, options: {} };
  const { ratePerSecond, signal, onProgress, ...filter } = resolveOptions(redriveOptions, which, 'redrive');
  return { filter, options: { ratePerSecond, signal, onProgress } };
}

const isList = (which: unknown): which is readonly string[] => Array.isArray(which);

function checkedId(id: string, field: string): string {
  checkOptions(idOption, id, field);
  return id;
}
