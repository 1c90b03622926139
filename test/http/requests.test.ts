import { expect } from 'chai';
import { firstHop, sentHeaders } from '../../modules/http/firstHop';
import { nextHop } from '../../modules/http/nextHop';
import { retryOf } from '../../modules/task/handlerErrors';
import { refusalOf } from '../support/eventually';

const url = 'https://example.org/x';

describe('A request', () => {
  for (const [what, request, field] of [
    ['nothing', undefined, 'request'],
    ['a text', 'https://example.org', 'request'],
    ['no URL', {}, 'request.url'],
    ['half a URL', { url: '/x' }, 'request.url'],
    ['a URL of a file', { url: 'file:///etc/passwd' }, 'request.url'],
    ['a URL of another protocol', { url: 'ftp://example.org/' }, 'request.url'],
    ['a URL whose login is badly encoded', { url: 'https://a:%zz@example.org/' }, 'request.url'],
    ['an unknown method', { url, method: 'TRACE' }, 'request.method'],
    ['a method with a line break', { url, method: 'GET\r\nX: 1' }, 'request.method'],
    ['an unknown property', { url, timeout: 5 }, 'request.timeout'],
    ['a GET with a body', { url, method: 'GET', body: 1 }, 'body'],
    ['a body that is a bigint', { url, body: { n: 1n } }, 'request.body'],
    ['a body that is a function', { url, body: () => 1 }, 'request.body'],
    ['a header with a line break', { url, headers: { 'x-a': '1\r\nx-b: 2' } }, 'request.headers'],
    ['a header with a lone line feed', { url, headers: { 'x-a': '1\nx-b: 2' } }, 'request.headers'],
    ['a header with a NUL', { url, headers: { 'x-a': '1\0' } }, 'request.headers'],
    ['a name of a header with a line break', { url, headers: { 'x-a: 1\r\nx-b': '2' } }, 'request.headers'],
    ['an empty name of a header', { url, headers: { '': '2' } }, 'request.headers'],
    ['a header that is no text', { url, headers: { 'x-a': 1 } }, 'request.headers'],
    ['a header outside Latin', { url, headers: { 'x-a': '€' } }, 'request.headers'],
    ['a header twice', { url, headers: { 'X-A': '1', 'x-a': '2' } }, 'request.headers'],
    ['too many headers', { url, headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, ''])) }, 'request.headers'],
    ...['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Upgrade', 'TE', 'Trailer', 'Keep-Alive', 'Proxy-Authorization', 'Expect'].map(
      (name) => [`the header ${name}`, { url, headers: { [name]: '1' } }, 'request.headers'] as const,
    ),
  ] as const) {
    it(`with ${what} is refused for good`, async () => {
      const error = await refusalOf(() => firstHop(request, 'key'));
      expect([error.code, error.field, retryOf(error)]).to.deep.equal(['HOLDFAST_REQUEST_INVALID', field, 'never']);
    });
  }

  it('with a line break in the key is refused for good', async () => {
    expect((await refusalOf(() => firstHop({ url }, 'a\r\nb: c'))).code).to.equal('HOLDFAST_REQUEST_INVALID');
  });

  it('shows the login of its URL as a header, and nowhere else', () => {
    const { url: shown, headers } = firstHop({ url: 'https://us%40er:p%3Ass@example.org/x' }, undefined);
    expect(shown.href).to.equal('https://example.org/x');
    expect(headers['authorization']).to.equal(`Basic ${Buffer.from('us@er:p:ss').toString('base64')}`);
  });

  it('cannot override the headers of its origin', () => {
    const originHeaders = { 'https://example.org': { Authorization: 'ours' }, 'http://example.org': { authorization: 'else' } };
    expect(sentHeaders(firstHop({ url, headers: { AUTHORIZATION: 'theirs' } }, undefined), originHeaders)['authorization']).to.equal('ours');
  });

  it('has a body if it is null, false, 0 or empty', () => {
    for (const [body, sent] of [
      [null, 'null'],
      [false, 'false'],
      [0, '0'],
      ['', ''],
    ])
      expect(firstHop({ url, body }, undefined).body).to.equal(sent);
  });
});

describe('A redirect', () => {
  const hop = (method: string, at = 'https://example.org/a/b') => ({
    url: new URL(at),
    method,
    headers: { authorization: 'x', 'content-type': 'text/plain', 'idempotency-key': 'k' },
    body: 'text',
  });

  it('keeps method and body with 307 and 308, and the key always', () => {
    for (const status of [307, 308]) expect(nextHop(hop('PUT'), status, '../c')).to.deep.include({ method: 'PUT', body: 'text' });
    const next = nextHop(hop('POST'), 302, 'https://other.test/');
    expect([next?.method, next?.body, next?.headers]).to.deep.equal(['GET', null, { 'idempotency-key': 'k' }]);
    expect(nextHop(hop('PUT'), 302, '/c')).to.deep.include({ method: 'PUT', body: 'text' });
    expect(nextHop(hop('PUT'), 302, '../c')?.url.href).to.equal('https://example.org/c');
  });

  it('leads from https: to https: only, to no other protocol, and into no login', () => {
    for (const location of ['http://example.org/', 'file:///etc/passwd', 'javascript:1', 'https://a:b@example.org/', 'http://', undefined])
      expect(nextHop(hop('GET'), 302, location), location).to.equal(undefined);
    expect(nextHop(hop('GET', 'http://example.org/'), 302, 'https://example.org/')).to.not.equal(undefined);
  });

  it('is none without a status of one', () => {
    for (const status of [200, 300, 304, 305, 404]) expect(nextHop(hop('GET'), status, '/c')).to.equal(undefined);
  });
});
