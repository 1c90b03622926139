import { expect } from 'chai';
import { mongo } from 'mongoose';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { duplicatesOf, isAboutUrl, isClash, isDuplicate, storeErrorOf } from '../../modules/mongo/mongoErrors';

/** What an error of the driver says about the store: it was not reached or did not answer, or it is a refusal or a bug, which is told as it is. */
const CLASSES: Readonly<Record<string, 'away' | 'told'>> = {
  MongoAPIError: 'told',
  MongoAWSError: 'told',
  MongoAzureError: 'told',
  MongoBatchReExecutionError: 'told',
  MongoBulkWriteError: 'told',
  MongoChangeStreamError: 'told',
  MongoClientBulkWriteCursorError: 'told',
  MongoClientBulkWriteError: 'told',
  MongoClientBulkWriteExecutionError: 'told',
  MongoClientClosedError: 'away',
  MongoCompatibilityError: 'told',
  MongoCryptAzureKMSRequestError: 'told',
  MongoCryptCreateDataKeyError: 'told',
  MongoCryptCreateEncryptedCollectionError: 'told',
  MongoCryptError: 'told',
  MongoCryptInvalidArgumentError: 'told',
  MongoCryptKMSRequestNetworkTimeoutError: 'told',
  MongoCursorExhaustedError: 'told',
  MongoCursorInUseError: 'told',
  MongoDecompressionError: 'told',
  MongoDriverError: 'told',
  MongoError: 'told',
  MongoExpiredSessionError: 'away',
  MongoGCPError: 'told',
  MongoGridFSChunkError: 'told',
  MongoGridFSStreamError: 'told',
  MongoInvalidArgumentError: 'told',
  MongoKerberosError: 'told',
  MongoMissingCredentialsError: 'told',
  MongoMissingDependencyError: 'told',
  MongoNetworkError: 'away',
  MongoNetworkTimeoutError: 'away',
  MongoNotConnectedError: 'away',
  MongoOIDCError: 'told',
  MongoOperationTimeoutError: 'away',
  MongoParseError: 'told',
  MongoRuntimeError: 'told',
  MongoServerClosedError: 'away',
  MongoServerError: 'told',
  MongoServerSelectionError: 'away',
  MongoStalePrimaryError: 'away',
  MongoSystemError: 'away',
  MongoTailableCursorError: 'told',
  MongoTopologyClosedError: 'away',
  MongoTransactionError: 'told',
  MongoUnexpectedServerResponseError: 'away',
  MongoWriteConcernError: 'away',
};

type Class = new (...given: unknown[]) => Error;

/** Makes an error as the driver would. Some constructors want more than a text; the name is what counts. */
function made(name: string): Error {
  const Kind = (mongo as unknown as Record<string, Class>)[name] as Class;
  const error = Object.create(Kind.prototype as object) as Error;
  return Object.defineProperties(error, { message: { value: 'no' }, stack: { value: 'no' } });
}

const kindOf = (error: unknown): string => (isHoldfastError(storeErrorOf(error)) ? 'away' : 'told');

/** An error of another copy of the driver: of another class, with the same name. */
const alike = (name: string, rest: object = {}): Error => Object.assign(new Error('no'), { name, ...rest });

const labelled = (label: string): Error => {
  const error = new mongo.MongoServerError({ message: 'no', code: 1, errorLabels: [label] });
  return error;
};

describe('An error of the driver', () => {
  it('is of a class that is known here, so that a new release of the driver with others fails this test', () => {
    const exported = Object.entries(mongo).filter(([, kind]) => typeof kind === 'function' && kind.prototype instanceof Error);
    expect(exported.map(([name]) => name).filter((name) => !(name in CLASSES))).to.deep.equal([]);
  });

  for (const [name, kind] of Object.entries(CLASSES)) {
    const exists = name in mongo;
    it(`named ${name} is ${kind === 'away' ? 'a fault of the store' : 'told as it is'}${exists ? ', of its class or of another copy' : ''}`, () => {
      if (exists) expect(kindOf(made(name))).to.equal(kind);
      expect(kindOf(alike(name))).to.equal(kind);
    });
  }

  for (const name of [
    'MongoPoolClearedError',
    'PoolClearedOnNetworkError',
    'MongoPoolClosedError',
    'MongoWaitQueueTimeoutError',
    'MongooseServerSelectionError',
  ])
    it(`named ${name}, which is not exported, is a fault of the store`, () => {
      expect(kindOf(alike(name))).to.equal('away');
    });

  for (const code of [6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])
    it(`with the code ${code} is a fault of the store`, () => {
      expect(kindOf(new mongo.MongoServerError({ message: 'no', code }))).to.equal('away');
      expect(kindOf(alike('MongoServerError', { code }))).to.equal('away');
    });

  for (const code of [13, 18, 20, 26, 48, 66, 73, 11000, 8000])
    it(`with the code ${code} is told as it is`, () => {
      expect(kindOf(alike('MongoServerError', { code }))).to.equal('told');
    });

  it('with a label for errors that may be tried again is a fault of the store', () => {
    for (const label of ['RetryableWriteError', 'NetworkError', 'ResetPool', 'SystemOverloadedError'])
      expect(kindOf(labelled(label))).to.equal('away');
    expect(kindOf(labelled('SomethingElse'))).to.equal('told');
  });

  it('after maxTimeMS says that the store did not answer in time', () => {
    expect(storeErrorOf(alike('MongoServerError', { code: 50 }))).to.have.property('code', 'HOLDFAST_STORE_TIMEOUT');
  });

  for (const code of [
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'ECONNREFUSED',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ERR_SOCKET_CLOSED',
    'ERR_STREAM_PREMATURE_CLOSE',
  ])
    it(`of Node.js with the code ${code} is a fault of the store, by itself or as a cause`, () => {
      const raw = Object.assign(new Error('read'), { code });
      expect(kindOf(raw)).to.equal('away');
      expect(kindOf(new Error('outer', { cause: new Error('middle', { cause: raw }) }))).to.equal('away');
    });

  it('in a circle of causes is told as it is, and what is no error as well', () => {
    const circle = new Error('a');
    circle.cause = circle;
    for (const thrown of [circle, undefined, null, 'text', 5, { code: 'EACCES' }]) expect(storeErrorOf(thrown)).to.equal(thrown);
  });

  it('of a bulk write tells its duplicates, and which of them are clashes of unique keys', () => {
    const writeErrors = [
      { index: 0, code: 11000, errmsg: 'E11000 duplicate key error index: _id_' },
      { index: 3, code: 11000, errmsg: 'E11000 duplicate key error index: holdfast_unique dup key' },
    ];
    expect(duplicatesOf(alike('MongoBulkWriteError', { code: 11000, writeErrors }))).to.deep.equal([
      { index: 0, isClash: false, errmsg: writeErrors[0]?.errmsg },
      { index: 3, isClash: true, errmsg: writeErrors[1]?.errmsg },
    ]);
    expect(duplicatesOf(alike('MongoBulkWriteError', { writeErrors: [...writeErrors, { index: 4, code: 121 }] }))).to.equal(null);
    const unsure = alike('MongoBulkWriteError', { writeErrors, result: { getWriteConcernError: () => ({ code: 64 }) } });
    expect([duplicatesOf(unsure), kindOf(unsure)]).to.deep.equal([null, 'away']);
    expect(kindOf(alike('MongoBulkWriteError', { errorResponse: alike('MongoNetworkError') }))).to.equal('away');
  });

  it('of another copy of the driver tells a duplicate, a clash and a bad URL', () => {
    const duplicate = alike('MongoServerError', { code: 11000, message: 'index: holdfast_unique dup key' });
    expect([isDuplicate(duplicate), isClash(duplicate)]).to.deep.equal([true, true]);
    expect(isAboutUrl(alike('MongoParseError'))).to.equal(true);
    expect(isAboutUrl(alike('MongoRuntimeError', { cause: new TypeError('Invalid URL') }))).to.equal(true);
    expect(isAboutUrl(alike('MongoNetworkError'))).to.equal(false);
  });
});
