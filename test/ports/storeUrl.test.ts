import { expect } from 'chai';
import { parseStoreUrl, redactUrl, withoutSecrets } from '../../modules/ports/storeUrl';
import { codedErrorOf } from '../support/expectations';

describe('parseStoreUrl', () => {
  const MONGODB = [
    'mongodb://localhost',
    'mongodb://localhost:27017/shop',
    'mongodb://user:p%40ss@a:1,b:2/db?replicaSet=rs0',
    'mongodb+srv://cluster.example.org/shop',
  ];

  for (const url of MONGODB) {
    it(`takes ${url} for MongoDB, as it is`, () => expect(parseStoreUrl(url)).to.deep.equal({ kind: 'mongodb', url }));
  }

  const SQLITE = [
    ['sqlite::memory:', ':memory:'],
    ['sqlite:./data/holdfast.db', './data/holdfast.db'],
    ['sqlite:data.db', 'data.db'],
    ['sqlite:/var/lib/holdfast.db', '/var/lib/holdfast.db'],
    ['sqlite:///var/lib/holdfast.db', '/var/lib/holdfast.db'],
    ['sqlite:C:\\data\\holdfast.db', 'C:\\data\\holdfast.db'],
    ['sqlite:a b/ä?#.db', 'a b/ä?#.db'],
    ['sqlite://./data/holdfast.db', './data/holdfast.db'],
    ['sqlite://../holdfast.db', '../holdfast.db'],
    ['sqlite://data/holdfast.db', 'data/holdfast.db'],
    ['sqlite://holdfast.db', 'holdfast.db'],
    ['sqlite://:memory:', ':memory:'],
    ['sqlite:///C:/data/holdfast.db', 'C:/data/holdfast.db'],
    ['sqlite:///C:\\data\\holdfast.db', 'C:\\data\\holdfast.db'],
    ['sqlite:////var/lib/holdfast.db', '/var/lib/holdfast.db'],
    ['sqlite:/a?1.db', '/a?1.db'],
  ] as const;

  for (const [url, path] of SQLITE) {
    it(`takes ${url} for the SQLite file ${path}`, () => expect(parseStoreUrl(url)).to.deep.equal({ kind: 'sqlite', path }));
  }

  const REFUSED = ['', 'sqlite:', 'sqlite', './data.db', 'mongodb:', 'mongodb://', 'mongodb:///shop', 'mongodb+srv:/host', 'postgres://host/db'];
  const ALSO_REFUSED = ['sqlite://', 'http://localhost', ' mongodb://host', 'MONGODB://host', 'sqlite:a\0b', 'mongodb+foo://host'];

  for (const url of [...REFUSED, ...ALSO_REFUSED]) {
    it(`refuses ${JSON.stringify(url)}`, () => {
      expect(codedErrorOf(() => parseStoreUrl(url))).to.include({ code: 'HOLDFAST_URL_INVALID', field: 'url' });
    });
  }

  it('does not quote what it refuses', () => {
    expect(codedErrorOf(() => parseStoreUrl('postgres://user:hunter2@host')).message).not.to.include('hunter2');
  });
});

describe('withoutSecrets', () => {
  const SHOWN = [
    ['mongodb://user:hunter2@host/db', 'mongodb://***@host/db'],
    ['mongodb://user:hunter2@a:1,b:2/db?w=1', 'mongodb://***@a:1,b:2/db'],
    ['mongodb+srv://us%40er:hunter2%2F%40@host', 'mongodb+srv://***@host'],
    ['mongodb://user:hunter2:hunter2@host', 'mongodb://***@host'],
    ['mongodb://:hunter2@host', 'mongodb://***@host'],
    ['mongodb://user:@host', 'mongodb://***@host'],
    ['mongodb://host:27017/db', 'mongodb://host:27017/db'],
    ['mongodb://host:27017/db?appName=a', 'mongodb://host:27017/db'],
    ['sqlite:./a:b@c.db', 'sqlite:./a:b@c.db'],
    ['sqlite:./a?1.db', 'sqlite:./a?1.db'],
  ] as const;

  for (const [url, shown] of SHOWN) {
    it(`shows ${shown}`, () => expect(withoutSecrets(url)).to.equal(shown));
  }

  const SECRETS = [
    'mongodb://user:hunter2@host@host2/db',
    'mongodb://user:pa/hunter2@host/db',
    'mongodb://user:a@hunter2@host/db',
    'mongodb://host/db?proxyHost=p&proxyUsername=u&proxyPassword=hunter2',
    'mongodb://host/db?tlsCertificateKeyFilePassword=hunter2&tls=true',
    'mongodb://key@host/db?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:hunter2',
  ];

  for (const url of SECRETS) {
    it(`leaves no secret in ${url.replace('hunter2', '…')}`, () => expect(withoutSecrets(url)).not.to.include('hunter2'));
  }
});

describe('redactUrl', () => {
  const SAID = [
    ['mongodb://user:hunter2@host', 'no route to "mongodb://user:hunter2@host"', 'no route to "mongodb://[redacted]@host"'],
    ['mongodb://user:hun%40ter2@host', 'the password hun@ter2 is wrong', 'the password [redacted] is wrong'],
    [
      'mongodb://user:left/right@host',
      'connect ECONNREFUSED left, getaddrinfo right@host',
      'connect ECONNREFUSED [redacted], getaddrinfo [redacted]@host',
    ],
    ['mongodb://host/?proxyPassword=hunter2', 'cannot use hunter2', 'cannot use [redacted]'],
    ['mongodb://host/?authMechanismProperties=A:hunter2', 'cannot use A:hunter2', 'cannot use [redacted]'],
    ['mongodb://host/?replicaSet=rs0', 'no set rs0', 'no set rs0'],
    ['mongodb://user:%@host', 'URI malformed', 'URI malformed'],
  ] as const;

  for (const [url, said, told] of SAID) {
    it(`tells of ${url}: ${told}`, () => expect(redactUrl(said, url)).to.equal(told));
  }
});
