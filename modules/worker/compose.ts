/** A function around each call of a handler. It may observe, measure, catch, or not call `next` at all. */
export type Middleware<Context> = (context: Context, next: () => Promise<unknown>) => unknown;

/** Wraps a handler in middleware, the first outermost. */
export function compose<Context>(middleware: readonly Middleware<Context>[], handler: (context: Context) => unknown): (context: Context) => unknown {
  if (middleware.length === 0) return handler;
  return (context) => {
    const call = (index: number): unknown => {
      const next = middleware[index];
      return next ? next(context, () => promised(() => call(index + 1))) : handler(context);
    };
    return call(0);
  };
}

/** A synchronous throw becomes a rejection. */
const promised = (run: () => unknown): Promise<unknown> => new Promise((resolve) => resolve(run()));
