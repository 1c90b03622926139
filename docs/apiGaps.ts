/** The comments of an export, a member or a signature, in the shape of typedoc's reflections. */
export interface Item {
  readonly name: string;
  /** A ReflectionKind of typedoc. */
  readonly kind: number;
  readonly comment?: { readonly summary: readonly unknown[]; readonly blockTags: readonly { readonly tag: string }[] } | undefined;
  readonly signatures?: readonly Item[] | undefined;
  readonly getSignature?: Item | undefined;
  readonly type?: { readonly type: string; readonly declaration?: Item } | undefined;
  readonly children?: readonly Item[] | undefined;
  readonly inheritedFrom?: object | undefined;
}

/** The needed numbers of typedoc's ReflectionKind, so that its code need not be loaded. */
const KIND = { function: 64, class: 128, method: 2_048 } as const;

/**
 * Returns what is missing in the comments of a public API, one line each. Every export and every member of a class needs a doc comment. Functions,
 * classes, methods and accessors that return a function also need an `@example`. Inherited members count at their origin.
 */
export const gapsOf = (items: readonly Item[]): string[] => items.flatMap((item) => [...gapsOfItem(item, ''), ...gapsOfMembers(item)]);

const gapsOfMembers = ({ name, kind, children = [] }: Item): string[] =>
  kind === KIND.class ? children.filter(({ inheritedFrom }) => !inheritedFrom).flatMap((member) => gapsOfItem(member, `${name}.`)) : [];

function gapsOfItem(item: Item, prefix: string): string[] {
  const comments = [item, ...(item.signatures ?? []), item.getSignature].map((told) => told?.comment);
  const hasText = comments.some((comment) => comment && comment.summary.length > 0);
  const hasExample = comments.some((comment) => comment?.blockTags.some(({ tag }) => tag === '@example'));
  const name = `${prefix}${item.name}`;
  return [
    ...(hasText ? [] : [`${name} has no doc comment: say what it is, or mark it @internal if users have no use for it`]),
    ...(hasExample || !needsExample(item) ? [] : [`${name} has no @example: add a short one to its doc comment`]),
  ];
}

function needsExample({ kind, getSignature }: Item): boolean {
  const returnsFunction = (getSignature?.type?.declaration?.signatures ?? []).length > 0;
  return kind === KIND.function || kind === KIND.class || kind === KIND.method || returnsFunction;
}
