import { MkimageError } from "../base/errors.ts";
import { suggest } from "../base/schema/suggest.ts";

/** Something of a flake that is called by a name. */
interface Named {
  readonly flake: string;
  readonly name: string;
  /** For messages: `system`. */
  readonly kind: string;
}

/**
 * The error of an evaluation; where it comes from a name that a flake does not have, with the names that there are, and the one that was
 * probably meant.
 *
 * @param askNames asks the flake for its names.
 */
export async function withNames(
  failure: unknown,
  { flake, name, kind }: Named,
  askNames: () => Promise<readonly string[]>,
): Promise<unknown> {
  if (!lacksAttribute(failure)) return failure;
  // A flake that has none, or cannot be asked, has said so already.
  const names = await askNames().catch((): readonly string[] => []);
  if (names.length === 0 || names.includes(name)) return failure;
  const meant = suggest(name, names);
  return new MkimageError("RESOLVE_FAILED", `the flake ${flake} has no ${kind} ${name}`, {
    details: [...decisive(failure), `it has ${names.join(", ")}`, ...failure.details.slice(-1)],
    hint: meant === undefined ? `name one of them: ${flake}#${names[0]}` : `did you mean ${flake}#${meant}?`,
    cause: failure,
  });
}

/** Whether Nix says that a flake has no such attribute. */
export function lacksAttribute(error: unknown): error is MkimageError {
  return error instanceof MkimageError && [error.message, ...error.details].some((line) => line.includes(words));
}

const words = "does not provide attribute";

/** Nix's own words, from the details, or from the message where that has them. */
function decisive({ message, details }: MkimageError): string[] {
  return message.includes(words) ? [message] : details.slice(0, -1);
}
