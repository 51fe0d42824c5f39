import { isDeepStrictEqual } from "node:util";

/**
 * A function that gives its first result again for input that is equal to the first. Results can be as large as an image
 * has files, so that no more than this one is kept.
 */
export function rememberFirst<Input, Result>(make: (input: Input) => Result): (input: Input) => Result {
  let first: { readonly input: Input; readonly result: Result } | undefined;
  return (input) => {
    if (first !== undefined && isDeepStrictEqual(first.input, input)) return first.result;
    const result = make(input);
    first ??= { input, result };
    return result;
  };
}
