import { MkimageError } from "../base/errors.ts";

/** One of several works that are done side by side, which failed. */
interface Failed {
  readonly name: string;
  readonly reason: unknown;
}

/**
 * Makes one error of the failures of several works, with the exit code of the first. A defect is returned as it is.
 *
 * @param things what the works are about, in the plural.
 */
export function failureOf(failed: readonly Failed[], count: number, things: string): unknown {
  const [only] = failed;
  if (count === 1 && only !== undefined) return only.reason;
  const defect = failed.find(({ reason }) => !(reason instanceof MkimageError));
  if (defect !== undefined) return defect.reason;
  const errors = failed.map(({ name, reason }) => ({ name, error: reason as MkimageError }));
  return new MkimageError(errors[0]?.error.code ?? "INTERNAL", `${failed.length} of ${count} ${things} failed`, {
    details: errors.flatMap(({ name, error }) => [
      `${name}: ${error.message}`,
      ...error.details.map((line) => `  ${line}`),
      ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
    ]),
  });
}
