/** The types of the values of JSON Schemas, also of those that TypeBox makes. What is not known here is `unknown`. */

/** The type of the values that a JSON Schema accepts. */
export type ValueOfJson<Schema> = Schema extends { readonly '~unsafe': infer Value }
  ? Value
  : Schema extends { readonly const: infer Value }
    ? Value
    : Schema extends { readonly enum: readonly (infer Value)[] }
      ? Value
      : Schema extends { readonly anyOf: readonly (infer Choice)[] }
        ? ValueOfJson<Choice>
        : Schema extends { readonly allOf: infer Parts }
          ? AllOf<Parts>
          : ValueOfType<Schema>;

type ValueOfType<Schema> = Schema extends { readonly type: 'string' }
  ? string
  : Schema extends { readonly type: 'number' | 'integer' }
    ? number
    : Schema extends { readonly type: 'boolean' }
      ? boolean
      : Schema extends { readonly type: 'null' }
        ? null
        : Schema extends { readonly type: 'array' }
          ? ValueOfArray<Schema>
          : Schema extends { readonly type: 'object' }
            ? ValueOfObject<Schema>
            : unknown;

type ValueOfArray<Schema> = Schema extends { readonly items: infer Items }
  ? Items extends readonly unknown[]
    ? { -readonly [Index in keyof Items]: ValueOfJson<Items[Index]> }
    : ValueOfJson<Items>[]
  : unknown[];

type ValueOfObject<Schema> = Schema extends { readonly properties: infer Properties }
  ? Shape<Properties, RequiredOf<Schema>>
  : Schema extends { readonly patternProperties: infer Patterns }
    ? Record<string, ValueOfJson<Patterns[keyof Patterns]>>
    : Schema extends { readonly additionalProperties: infer Others extends object }
      ? Record<string, ValueOfJson<Others>>
      : Record<string, unknown>;

type Shape<Properties, Required> = Flat<
  { -readonly [Key in keyof Properties as Key extends Required ? Key : never]: ValueOfJson<Properties[Key]> } & {
    -readonly [Key in keyof Properties as Key extends Required ? never : Key]?: ValueOfJson<Properties[Key]>;
  }
>;

type RequiredOf<Schema> = Schema extends { readonly required: readonly (infer Key)[] } ? Key : never;

type AllOf<Parts> = Parts extends readonly [infer First, ...infer Rest] ? ValueOfJson<First> & AllOf<Rest> : unknown;

type Flat<T> = { [Key in keyof T]: T[Key] };
