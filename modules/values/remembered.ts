/** Remembers the last results of a function by its first argument, at most so many. The oldest is forgotten first. */
export function remembered<Key, Rest extends unknown[], Made>(
  most: number,
  make: (key: Key, ...rest: Rest) => Made,
): (key: Key, ...rest: Rest) => Made {
  const made = new Map<Key, { readonly value: Made }>();
  return (key, ...rest) => {
    const known = made.get(key);
    if (known) return known.value;
    const value = make(key, ...rest);
    made.set(key, { value });
    if (made.size > most) made.delete(made.keys().next().value as Key);
    return value;
  };
}
