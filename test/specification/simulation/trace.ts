import type { BulkRequest } from '../../../modules/ports/bulk';
import type { HandOver } from '../../../modules/ports/followUpStore';
import type { StepWrite } from '../../../modules/ports/stepStore';
import type { ClaimRequest, HeldLease, HeldRequest, Settlement, TaskKey } from '../../../modules/ports/taskStore';
import type { NewTask } from '../../../modules/task/task';
import type { VirtualTime } from './virtualTime';

/** The trace of a simulation, one line for each event. Ids and tokens are numbered as they appear, because the seed does not decide them. */
export class Trace {
  readonly lines: string[] = [];
  readonly #time: VirtualTime;
  readonly #names = new Map<string, string>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  nameOf(kind: 'T' | 'L', value: string): string {
    const name = this.#names.get(value) ?? `${kind}${this.#names.size + 1}`;
    this.#names.set(value, name);
    return name;
  }

  say(what: string, id?: string, rest = ''): void {
    this.lines.push(`${this.#time.now.toFixed(1).padStart(9)} ${what} ${id === undefined ? '' : this.nameOf('T', id)} ${rest}`.trimEnd());
  }

  /** Records a call that was carried out, and its answer. */
  call(process: string, verb: string, given: readonly unknown[], answer: unknown): void {
    this.say(`${process}.${verb}`, undefined, `${this.#told(verb, given)} → ${this.#answerOf(answer)}`);
  }

  #told(verb: string, given: readonly unknown[]): string {
    if (verb === 'insert') return this.#namesOf(given[0] as NewTask[]);
    if (verb === 'claim') return this.#claimOf(given[0] as ClaimRequest);
    if (verb === 'renew') return (given[0] as HeldLease[]).map(({ id, token }) => `${this.nameOf('T', id)} ${this.nameOf('L', token)}`).join(', ');
    if (verb === 'held') return this.nameOf('L', (given[0] as HeldRequest).token);
    if (verb === 'settle') return (given[0] as Settlement[]).map((settlement) => this.#settlementOf(settlement)).join(', ');
    if (verb === 'handOver') return (given[0] as HandOver[]).map((handOver) => this.#handOverOf(handOver)).join(', ');
    if (verb === 'record') return (given[0] as StepWrite[]).map((write) => this.#stepOf(write)).join(', ');
    if (verb === 'read') return this.nameOf('T', (given[0] as TaskKey).id);
    if (verb === 'change') return this.#bulkOf(given[0] as BulkRequest);
    return given.map((value) => (typeof value === 'string' && value.length === 36 ? this.nameOf('T', value) : JSON.stringify(value))).join(' ');
  }

  #bulkOf({ filter: { queue, states, ids }, change, by }: BulkRequest): string {
    const named = ids?.map((id) => this.nameOf('T', id)).join(', ') ?? 'all';
    return `${queue} ${states.join('+')} ${named} → ${change.state} by ${this.nameOf('L', by)}`;
  }

  #stepOf({ id, token, step: { at, name, kind } }: StepWrite): string {
    return `${this.nameOf('T', id)} ${kind} ${at} ${name} if ${this.nameOf('L', token)}`;
  }

  #handOverOf({ id, followUps, keepMs }: HandOver): string {
    return `${this.nameOf('T', id)} → ${this.#namesOf(followUps)}${keepMs === 0 ? ', removed' : ''}`;
  }

  #claimOf({ queues, limit, token, alone, except }: ClaimRequest): string {
    return `${queues.join('+')} ${limit} ${this.nameOf('L', token)}${alone ? ' alone' : ''}${except.length > 0 ? ` except ${except.length}` : ''}`;
  }

  #settlementOf({ id, guard, change, by }: Settlement): string {
    const held = 'token' in guard ? this.nameOf('L', guard.token) : `${guard.state} ${guard.rev}`;
    return `${this.nameOf('T', id)} if ${held}${'expiresAt' in guard ? ' expired' : ''} → ${change.state}${change.followUps === undefined ? '' : ' with follow-ups'} by ${this.nameOf('L', by)}`;
  }

  #answerOf(answer: unknown): string {
    if (Array.isArray(answer)) return `[${answer.map((item) => this.#answerOf(item)).join(', ')}]`;
    if (answer instanceof Set) return `${answer.size} paused`;
    if (typeof answer !== 'object' || answer === null)
      return typeof answer === 'string' && answer.length === 36 ? this.nameOf('T', answer) : String(answer);
    if ('tasks' in answer) return `${this.#answerOf(answer.tasks)}${'suspect' in answer && answer.suspect !== null ? ' and a suspect waits' : ''}`;
    return 'id' in answer ? this.nameOf('T', String(answer.id)) : JSON.stringify(answer);
  }

  #namesOf(tasks: readonly { readonly id: string }[]): string {
    return tasks.map(({ id }) => this.nameOf('T', id)).join(', ');
  }
}
