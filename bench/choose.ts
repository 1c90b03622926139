import { SYSTEMS } from './systems/all';
import type { System } from './systems/system';
import { WORKS } from './works/all';
import type { Work } from './works/work';

/** A work to measure, with its systems. */
export interface Choice {
  readonly work: Work;
  readonly systems: readonly System[];
}

/** The peers in `--quick`, and the works that measure them there. */
const QUICK_PEERS = ['bullmq', 'graphile-worker'];
const QUICK_PEER_WORKS = ['drain'];

const QUICK_WORKS = WORKS.filter(({ quickPlace }) => quickPlace !== undefined).sort((a, b) => (a.quickPlace ?? 0) - (b.quickPlace ?? 0));

/** Chooses the works and systems whose names contain one of the parts. A part that is a whole name selects that one alone. */
export function choose(only: readonly string[], quick: boolean): Choice[] {
  const works = matching(WORKS, only);
  const systems = matching(SYSTEMS, only);
  return (works.length > 0 ? works : quick ? QUICK_WORKS : WORKS)
    .map((work) => ({ work, systems: (systems.length > 0 ? systems : SYSTEMS).filter((system) => isFor(work, system)) }))
    .map((choice) => (quick && systems.length === 0 ? withoutSlow(choice) : choice))
    .filter((choice) => choice.systems.length > 0);
}

function matching<T extends { readonly name: string }>(all: readonly T[], parts: readonly string[]): T[] {
  const isExact = (part: string): boolean => [...SYSTEMS, ...WORKS].some(({ name }) => name === part);
  return all.filter(({ name }) => parts.some((part) => (isExact(part) ? name === part : name.includes(part))));
}

const isFor = (work: Work, system: System): boolean => (work.systems?.includes(system.name) ?? true) && (system.works?.includes(work.name) ?? true);

const withoutSlow = ({ work, systems }: Choice): Choice => ({
  work,
  systems: systems.filter(({ isPeer, name }) => !isPeer || (QUICK_PEERS.includes(name) && QUICK_PEER_WORKS.includes(work.name))),
});
