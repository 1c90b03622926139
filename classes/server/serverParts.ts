import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Static, TSchema } from 'typebox';
import type { Authorized, Credential } from '../../modules/server/credential';
import type { ActedOn, HoldfastEvents } from '../../constants/events';
import type { Action } from '../../constants/serverLimits';
import type { Admin } from '../admin/admin';
import type { Broker } from '../broker/broker';

/** Takes the types of requests from their schemas. Answers are checked by the serializer, which keeps what the schema names. */
interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: unknown;
}

/** The framework's instance. */
export type ServerApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, SchemaTypes>;

/** Tells who calls, and what that user may do; null for somebody unknown. */
export type Authorize<Request = FastifyRequest> = (request: Request) => Authorized | null | Promise<Authorized | null>;
/** The secret of an access key of SQS, and what it allows. */
export interface SqsKey {
  readonly secretAccessKey: string;
  readonly credential: Credential;
}

/** What the routes of one server share. */
export interface ServerParts {
  readonly broker: Broker;
  readonly admin: Admin;
  /** The look-up of tokens; undefined where every request is allowed. */
  readonly lookup: ((token: string) => Credential | undefined) | undefined;
  /** Asks the program around the server who calls; undefined where it was not given. */
  readonly authorize: Authorize | undefined;
  /** The keys for SQS; undefined where signatures are not checked. */
  readonly credentials: ReadonlyMap<string, SqsKey> | undefined;
  /** The address of the server as clients see it; undefined for that of each request. */
  readonly publicUrl: string | undefined;
  /** The account that queues of SQS are shown in. */
  readonly account: string;
  readonly allowedHosts: readonly string[];
  readonly allowWrites: boolean;
  /** Is told what a person did. */
  readonly onAct: (act: HoldfastEvents['admin-acted']) => void;
  /** Is told errors that are bugs. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Who may call a route: everybody, every known token, or one that allows an action on the queue of the path. `page` is for people: a browser then asks
 * for a login.
 */
export type Access = 'everybody' | 'known' | 'signed' | Action;

/** What a person does to one task, queue, schedule or process. */
export interface Act {
  readonly on: ActedOn;
  readonly action: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route of the broker. A route without it is refused. */
    access?: Access;
    /** Whether people call it, so that a browser is asked for a login. */
    isPage?: boolean;
    /** Whether it is refused where nobody was told who may write: it changes tasks of the store. */
    needsWrites?: boolean;
    /** What a person does by it to one thing, which the log tells with who did it. */
    acts?: Act;
  }
  interface FastifyRequest {
    /** What the token of the request allows; null where no token is needed. */
    credential: Credential | null;
  }
}
