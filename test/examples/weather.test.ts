import { expect } from 'chai';
import { fastify } from 'fastify';
import { FAIR, spoil } from '../../examples/challenges/service/weather';
import type { Weather } from '../../examples/challenges/service/weather';

describe('The weather of the challenge service', () => {
  /** Answers of a service in a weather: their statuses, or `none` where the connection broke or was silent. */
  const answersIn = async (weather: Partial<Weather>, count: number, random = () => 0.5): Promise<(number | 'none')[]> => {
    const app = fastify({ forceCloseConnections: true });
    spoil(app, { ...FAIR, ...weather }, random);
    app.get('/', () => ({ success: true }));
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const get = () =>
      fetch(url, { signal: AbortSignal.timeout(500) }).then(
        async (response) => response.text().then(() => response.status),
        () => 'none' as const,
      );
    const answers = await Promise.all(Array.from({ length: count }, get));
    await app.close();
    return answers;
  };

  it('is fair by default', async () => {
    expect(await answersIn({}, 3)).to.deep.equal([200, 200, 200]);
  });

  it('fails before the work with 503, or after it without an answer', async () => {
    const drawn =
      (...numbers: number[]) =>
      (): number =>
        numbers.shift() ?? 0.9;
    expect(await answersIn({ failures: 1 }, 1, drawn(0.1, 0.9))).to.deep.equal([503]);
    expect(await answersIn({ failures: 1 }, 1, drawn(0.9, 0.1))).to.deep.equal(['none']);
  });

  it('is away in an outage, and may answer nothing, 500, or a page', async () => {
    expect(await answersIn({ outageEveryMs: 60_000, outageForMs: 60_001 }, 1)).to.deep.equal(['none']);
    expect(await answersIn({ answers: 'never' }, 1)).to.deep.equal(['none']);
    expect(await answersIn({ answers: '500' }, 1)).to.deep.equal([500]);
    expect(await answersIn({ answers: 'html' }, 1)).to.deep.equal([200]);
  });

  it('lets only so many in at once, and refuses who has waited for too long', async () => {
    expect(await answersIn({ pool: 2, holdMs: 20 }, 6)).to.deep.equal([200, 200, 200, 200, 200, 200]);
    expect((await answersIn({ pool: 1, holdMs: 200, patienceMs: 50 }, 3)).sort()).to.deep.equal([200, 503, 503]);
  });
});
