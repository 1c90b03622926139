/** A function around each call of a handler. It may observe, measure, catch, or not call `next` at all. It must await or return what `next` gives. */
export type Middleware<Context> = (context: Context, next: () => Promise<unknown>) => unknown;

/**
 * Wraps a handler in middleware, the first outermost.
 *
 * Middleware may end before the handler that it called. The wrapped handler ends with both, so that a slot and its lease never end before it, and fails
 * if the handler fails.
 *
 * @param onUnawaited called where middleware returned before its `next` had ended.
 */
export function compose<Context>(
  middleware: readonly Middleware<Context>[],
  handler: (context: Context) => unknown,
  onUnawaited: (context: Context) => void = () => undefined,
): (context: Context) => unknown {
  if (middleware.length === 0) return handler;
  return (context) => {
    const call = (index: number): unknown => {
      const own = middleware[index];
      return own ? surround(own, context, () => call(index + 1), onUnawaited) : handler(context);
    };
    return call(0);
  };
}

function surround<Context>(
  own: Middleware<Context>,
  context: Context,
  run: () => unknown,
  onUnawaited: (context: Context) => void,
): Promise<unknown> {
  let inner: Promise<unknown> | undefined;
  let isUnderWay = false;
  const next = (): Promise<unknown> => {
    isUnderWay = true;
    inner = promised(run);
    // It also keeps a failure that nobody awaits from ending the process.
    inner.then(end, end);
    return inner;
  };
  const end = (): void => void (isUnderWay = false);
  return promised(() => own(context, next)).then(
    (result) => {
      if (!isUnderWay) return result;
      onUnawaited(context);
      return inner?.then(() => result);
    },
    (thrown) => {
      const fail = (): Promise<never> => Promise.reject(thrown as Error);
      return isUnderWay ? inner?.then(fail, fail) : fail();
    },
  );
}

/** A synchronous throw becomes a rejection. */
const promised = (run: () => unknown): Promise<unknown> => new Promise((resolve) => resolve(run()));
