import { MkimageError } from "../base/errors.ts";
import { currentWitness } from "../runtime/witness.ts";
import { failureError, NixFailure } from "./nix-failure.ts";
import { hasNixpkgs } from "./nix-tree.ts";
import { isTraced, type NixOptions, runNix } from "./nix.ts";

/** The source of a device tree, and whether it comes with a `lib`. */
interface Evaluated {
  /** For messages: a file, or a flake with a name. */
  readonly what: string;
  readonly hasLib: boolean;
}

/**
 * The JSON that `nix eval` makes of a device tree.
 *
 * @throws MkimageError RESOLVE_FAILED, which begins with the place and the message; with `--show-trace`, or where commands
 *   are shown, all that Nix says comes after it. MISSING_TOOL, INTERRUPTED.
 */
export async function evaluateTree(
  evaluated: Evaluated,
  arguments_: readonly string[],
  options: NixOptions,
): Promise<unknown> {
  try {
    return JSON.parse(await evaluate(arguments_, options));
  } catch (error) {
    if (!(error instanceof NixFailure)) throw error;
    throw await treeError(evaluated, error, options);
  }
}

async function treeError({ what, hasLib }: Evaluated, failure: NixFailure, options: NixOptions): Promise<MkimageError> {
  const { fault } = failure;
  const wantsTrace = isTraced(options) || currentWitness() !== undefined;
  const whole = failureError(`evaluating ${what}`, failure, { wantsTrace });
  if (fault === undefined) return whole;
  const message = fault.lines.join(" ");
  const lacksLib = !hasLib && /^attribute '.*' missing/.test(message) && !(await isLibFound(options));
  const hint = lacksLib ? missingLib : whole.hint;
  return new MkimageError("RESOLVE_FAILED", `${fault.place ?? what}: ${message}`, {
    ...(wantsTrace ? { details: whole.details } : {}),
    ...(hint === undefined ? {} : { hint }),
    cause: failure,
  });
}

const missingLib =
  "there is no nixpkgs in NIX_PATH, so that lib has mkIf and its like, and nothing else: give --lib PATH-OF-NIXPKGS";

/** The trace is always asked for: it has the place. */
function evaluate(arguments_: readonly string[], options: NixOptions): Promise<string> {
  const trace = isTraced(options) ? [] : ["--show-trace"];
  return runNix("eval", ["--json", ...trace, ...arguments_], options);
}

async function isLibFound(options: NixOptions): Promise<boolean> {
  return (await evaluate(["--impure", "--expr", hasNixpkgs], options)).trim() === "true";
}
