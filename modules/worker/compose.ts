/** Something that runs around each call of a handler: it may look, measure, catch, or not call `next` at all. */
export type Middleware<Context> = (context: Context, next: () => Promise<unknown>) => unknown;

/** Puts middleware around a handler, the first outermost. */
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

/** What is thrown at once becomes a rejection as well. */
const promised = (run: () => unknown): Promise<unknown> => new Promise((resolve) => resolve(run()));
