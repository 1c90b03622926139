/** A request. It is the payload of an HTTP task. */
export interface HttpRequest {
  /** Where to: `http:` or `https:`. A user and password become a header. */
  readonly url: string;
  /** By default `POST` with a body, else `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Headers. Secrets belong into `originHeaders` of the client, because a payload is stored. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. `GET` and `HEAD` have none. */
  readonly body?: unknown;
  /** Statuses from 300 to 599 that are answers to this request, beside 200 to 299; for example 409 of a conditional PUT. */
  readonly accepts?: readonly number[];
}

/** What is kept of an answer. */
export interface HttpAnswer {
  readonly status: number;
  /** The headers that are kept, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The value of a JSON body, else its text. It is null if there is none, and if it is not kept: then it is longer than `answerBytes`, or compressed.
   */
  readonly body: unknown;
  /** True if there was a body that is not kept. */
  readonly bodyDropped: boolean;
}

/** One request on its way: the first, or one that follows a redirect. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Headers by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}
