import { expect } from 'chai';
import { DAY, HOUR, MINUTE, SECOND } from '../../constants/limits';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { checkCron, latestBetween, nextOf, nextTimes } from '../../modules/schedule/occurrences';
import type { Bounds, Timing } from '../../modules/schedule/schedule';

const UNBOUNDED: Bounds = { startMs: null, endMs: null };
const YEAR_STARTS = Date.UTC(2026, 0, 1);
const YEAR_ENDS = Date.UTC(2027, 0, 1);

const cron = (expression: string, timeZone = 'UTC', bounds = UNBOUNDED): Timing => ({ kind: 'cron', cron: expression, timeZone, bounds });

const iso = (times: readonly number[]): string[] => times.map((at) => new Date(at).toISOString());

/** A jump of the local time in a zone: forward over a gap, or back over an overlap. */
interface Jump {
  readonly atMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Reads the offset of a zone from the platform's format, independently of the tested code. */
function offsetReader(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  };
}

function jumpsOf(timeZone: string): Jump[] {
  const offset = offsetReader(timeZone);
  const jumps: Jump[] = [];
  for (let at = YEAR_STARTS; at < YEAR_ENDS; at += 3 * DAY) {
    let [low, high] = [at, at + 3 * DAY];
    if (offset(low) === offset(high)) continue;
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    jumps.push({ atMs: high, beforeMs: offset(low), afterMs: offset(high) });
  }
  return jumps;
}

const JUMPS = Intl.supportedValuesOf('timeZone').flatMap((timeZone) => jumpsOf(timeZone).map((jump) => ({ timeZone, ...jump })));
const GAPS = JUMPS.filter(({ beforeMs, afterMs }) => afterMs > beforeMs);
const OVERLAPS = JUMPS.filter(({ beforeMs, afterMs }) => afterMs < beforeMs);

/** Returns the hour and minute of a local time that is expressed as UTC. */
const clockOf = (localMs: number): { readonly hour: number; readonly minute: number } => ({
  hour: new Date(localMs).getUTCHours(),
  minute: new Date(localMs).getUTCMinutes(),
});

/** Returns the minutes around a jump whose local time matches. */
function matching({ atMs, beforeMs, afterMs }: Jump, isWanted: (hour: number, minute: number) => boolean): number[] {
  const found: number[] = [];
  for (let at = atMs - 6 * HOUR; at <= atMs + 6 * HOUR; at += MINUTE) {
    const { hour, minute } = clockOf(at + (at < atMs ? beforeMs : afterMs));
    if (isWanted(hour, minute)) found.push(at);
  }
  return found;
}

const around = ({ atMs }: Jump, timing: Timing): number[] =>
  nextTimes({ ...timing, bounds: { startMs: null, endMs: atMs + 6 * HOUR } }, atMs - 6 * HOUR - 1, 1_000);

describe('The occurrences of a cron expression at the jumps of local time', () => {
  it('are looked at in many zones, at gaps and at overlaps', () => {
    expect(GAPS.length).to.be.above(100);
    expect(OVERLAPS.length).to.be.above(100);
  });

  it('come at the end of the gap where a time of day is in it, once', () => {
    for (const jump of GAPS) {
      const { hour, minute } = clockOf(jump.atMs + jump.beforeMs + (jump.afterMs - jump.beforeMs) / 2);
      const times = around(jump, cron(`${minute} ${hour} * * *`, jump.timeZone));
      expect(iso(times), jump.timeZone).to.deep.equal(iso([jump.atMs]));
    }
  });

  it('come the first time where a time of day is in an overlap, once', () => {
    for (const jump of OVERLAPS) {
      const intoMs = (jump.beforeMs - jump.afterMs) / 2;
      const { hour, minute } = clockOf(jump.atMs + jump.afterMs + intoMs);
      const times = around(jump, cron(`${minute} ${hour} * * *`, jump.timeZone));
      expect(iso(times), jump.timeZone).to.deep.equal(iso([jump.atMs + jump.afterMs + intoMs - jump.beforeMs]));
    }
  });

  it('come whenever the local time matches for every other expression: not in a gap, and twice in an overlap', () => {
    for (const jump of JUMPS) {
      const all = around(jump, cron('*/15 * * * *', jump.timeZone));
      expect(iso(all), jump.timeZone).to.deep.equal(iso(matching(jump, (_, minute) => minute % 15 === 0)));
      const { hour: wanted } = clockOf(jump.atMs + Math.min(jump.beforeMs, jump.afterMs));
      const some = around(jump, cron(`*/15 ${wanted} * * *`, jump.timeZone));
      expect(iso(some), jump.timeZone).to.deep.equal(iso(matching(jump, (hour, minute) => hour === wanted && minute % 15 === 0)));
    }
  });

  it('are the same from wherever one begins to look', () => {
    for (const jump of JUMPS.filter((_, index) => index % 7 === 0)) {
      const { hour, minute } = clockOf(jump.atMs + Math.min(jump.beforeMs, jump.afterMs) + 15 * MINUTE);
      const timing = cron(`${minute} ${hour} * * *`, jump.timeZone);
      const next = nextOf(timing);
      const times = nextTimes(timing, jump.atMs - 2 * DAY, 5);
      for (let at = jump.atMs - 2 * HOUR; at < jump.atMs + 2 * HOUR; at += 10 * MINUTE) {
        expect(next(at), jump.timeZone).to.equal(times.find((time) => time > at));
      }
    }
  });
});

describe('A timing', () => {
  const refusal = (expression: string, timeZone = 'UTC'): unknown => {
    try {
      checkCron(expression, timeZone, 'repeat');
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('is refused where its cron expression is none, has too few or too many fields, or is a date', () => {
    for (const bad of ['', 'abc', '* * * *', '* * * * * * *', '61 * * * *', '0 24 * * *', '2026-01-01T00:00:00', '* * * * * ; rm']) {
      expect(isHoldfastError(refusal(bad), 'HOLDFAST_OPTION_INVALID'), bad).to.equal(true);
    }
    for (const good of ['* * * * *', '0 0 29 2 *', '*/5 * * * * *', '@daily', '0 12 * * MON-FRI', '0 0 L * *'])
      expect(refusal(good), good).to.equal(undefined);
  });

  it('is refused where no date matches, after a bounded search', () => {
    for (const never of ['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 0 31 2 *']) {
      expect(isHoldfastError(refusal(never), 'HOLDFAST_SCHEDULE_NEVER'), never).to.equal(true);
    }
  });

  it('is refused where its time zone is unknown', () => {
    expect(isHoldfastError(refusal('* * * * *', 'Mars/Olympus'), 'HOLDFAST_OPTION_INVALID')).to.equal(true);
  });

  it('keeps to its start and end', () => {
    const bounds = { startMs: 10 * MINUTE, endMs: 12 * MINUTE };
    expect(nextTimes(cron('* * * * *', 'UTC', bounds), 0, 10)).to.deep.equal([10 * MINUTE, 11 * MINUTE, 12 * MINUTE]);
    expect(nextTimes({ kind: 'every', everyMs: MINUTE, anchorMs: 10 * MINUTE, bounds }, 0, 10)).to.deep.equal([
      10 * MINUTE,
      11 * MINUTE,
      12 * MINUTE,
    ]);
  });

  it('comes once where it is a date', () => {
    const timing: Timing = { kind: 'once', atMs: 5_000, bounds: UNBOUNDED };
    expect(nextTimes(timing, 0, 3)).to.deep.equal([5_000]);
    expect(nextTimes(timing, 5_000, 3)).to.deep.equal([]);
  });

  it('tells the latest occurrences of any stretch without walking through all', () => {
    const next = nextOf(cron('* * * * * *'));
    const tenYearsMs = 3_650 * DAY;
    expect(latestBetween(next, 0, tenYearsMs, 3)).to.deep.equal([tenYearsMs - 2 * SECOND, tenYearsMs - SECOND, tenYearsMs]);
    expect(latestBetween(next, 0, 5 * SECOND, 100)).to.deep.equal([0, 1, 2, 3, 4, 5].map((second) => second * SECOND));
    expect(latestBetween(next, 500, 900, 10)).to.deep.equal([]);
  });

  it('tells the latest ones also where few come now and very many came before', () => {
    const next = nextOf(cron('* * * 1 1 *'));
    const endOfDay = Date.UTC(2026, 0, 1, 23, 59, 59);
    const times = latestBetween(next, 0, Date.UTC(2026, 5, 1), 100);
    expect(times).to.have.length(100);
    expect(times.at(-1)).to.equal(endOfDay);
    expect(times[0]).to.equal(endOfDay - 99 * SECOND);
  });
});
