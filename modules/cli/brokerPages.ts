/** The number of messages of a queue that are shown, and of queues that one call lists. */
export const MESSAGES_SHOWN = 100;
export const QUEUES_A_PAGE = 1_000;

/** The queues of all pages of a list. */
export async function* pagesOf<Queue>(
  read: (after: { readonly after?: string }) => Promise<{ readonly queues: readonly Queue[]; readonly next: string | null }>,
): AsyncGenerator<Queue> {
  for (let after: string | null | undefined = undefined; after !== null;) {
    const { queues, next }: { readonly queues: readonly Queue[]; readonly next: string | null } = await read(after === undefined ? {} : { after });
    yield* queues;
    after = next;
  }
}
