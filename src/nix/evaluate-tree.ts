import { MkimageError } from "../base/errors.ts";
import { run } from "../runtime/run.ts";
import { currentWitness } from "../runtime/witness.ts";
import { nixFault } from "./nix-error.ts";
import { hasNixpkgs } from "./nix-tree.ts";
import { nixArguments, type NixOptions } from "./nix.ts";

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
  { what, hasLib }: Evaluated,
  arguments_: readonly string[],
  options: NixOptions,
): Promise<unknown> {
  try {
    return JSON.parse(await evaluate(arguments_, options));
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    const fault = nixFault(error.details.slice(1));
    if (fault === undefined) throw new MkimageError("RESOLVE_FAILED", `evaluating ${what} failed`, detailsOf(error));
    const lacksLib = !hasLib && /^attribute '.*' missing/.test(fault.message) && !(await isLibFound(options));
    const wantsTrace = isTraced(options) || currentWitness() !== undefined;
    throw new MkimageError("RESOLVE_FAILED", `${fault.place ?? what}: ${fault.message}`, {
      ...(wantsTrace ? detailsOf(error) : {}),
      ...(lacksLib ? { hint: missingLib } : wantsTrace ? {} : { hint: "--show-trace has Nix say how it came there" }),
      cause: error,
    });
  }
}

const missingLib =
  "there is no nixpkgs in NIX_PATH, so that lib has mkIf and its like, and nothing else: give --lib PATH-OF-NIXPKGS";

/** The trace is always asked for: it has the place. */
async function evaluate(arguments_: readonly string[], options: NixOptions): Promise<string> {
  const trace = isTraced(options) ? [] : ["--show-trace"];
  const { stdout } = await run("nix", nixArguments("eval", ["--json", ...trace, ...arguments_], options), {
    deadlineSeconds: 24 * 60 * 60,
    signal: options.signal,
    shownLines: 4000,
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  });
  return stdout;
}

function isTraced({ nixArguments: given = [] }: NixOptions): boolean {
  return given.includes("--show-trace");
}

function detailsOf({ details }: MkimageError): { readonly details: readonly string[] } {
  const [command = "", ...lines] = details;
  return { details: [...lines, command] };
}

async function isLibFound(options: NixOptions): Promise<boolean> {
  return (await evaluate(["--impure", "--expr", hasNixpkgs], options)).trim() === "true";
}
