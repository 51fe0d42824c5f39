import { mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { run } from "../runtime/run.ts";
import type { Tool } from "../runtime/tools.ts";

/** How Nix is called. Its settings and environment are the user's own. */
export interface NixOptions {
  /** The folder that relative references start from. Default: the current one. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Passed on to Nix as they are: `--impure`, `--option NAME VALUE`, `--override-input …`. */
  readonly nixArguments?: readonly string[] | undefined;
  /**
   * A folder for links to what is built, so that no garbage collection takes it as long as the folder is there. Links that
   * lead nowhere Nix forgets by itself.
   */
  readonly rootsFolder?: string | undefined;
}

/** The path of a new link that holds what is built; `undefined` where nothing is to be held. */
export function rootLink({ rootsFolder }: NixOptions): string | undefined {
  return rootsFolder === undefined ? undefined : join(mkdtempSync(join(resolve(rootsFolder), "root-")), "result");
}

/** The settings among the arguments of Nix, as `nix-store` takes them too: `--option NAME VALUE`. */
export function settingArguments({ nixArguments: given = [] }: NixOptions): string[] {
  return given.flatMap((word, index) => (word === "--option" ? given.slice(index, index + 3) : []));
}

/** Builds may take long; a day is a deadline all the same. */
const buildDeadlineSeconds = 24 * 60 * 60;

/** The arguments of `nix` for a subcommand, with flakes switched on. */
export function nixArguments(subcommand: string, rest: readonly string[], options: NixOptions = {}): string[] {
  return ["--extra-experimental-features", "nix-command flakes", subcommand, ...(options.nixArguments ?? []), ...rest];
}

/**
 * Runs `nix SUBCOMMAND` and gives its standard output.
 *
 * @throws MkimageError RESOLVE_FAILED saying that `purpose` failed, with Nix's last lines; MISSING_TOOL; INTERRUPTED.
 */
export function nix(
  purpose: string,
  subcommand: string,
  rest: readonly string[],
  options: NixOptions = {},
  hint?: string,
): Promise<string> {
  return ask("nix", purpose, nixArguments(subcommand, rest, options), options, hint);
}

/** As `nix`, but runs `nix-store`, which knows settings, nothing of evaluations, and is the same in every Nix. */
export function nixStore(
  purpose: string,
  arguments_: readonly string[],
  options: NixOptions = {},
  hint?: string,
): Promise<string> {
  return ask("nix-store", purpose, [...arguments_, ...settingArguments(options)], options, hint);
}

async function ask(
  tool: Tool,
  purpose: string,
  arguments_: readonly string[],
  { signal, folder }: NixOptions,
  hint: string | undefined,
): Promise<string> {
  try {
    const { stdout } = await run(tool, arguments_, {
      deadlineSeconds: buildDeadlineSeconds,
      signal,
      ...(folder === undefined ? {} : { folder }),
    });
    return stdout;
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("RESOLVE_FAILED", `${purpose} failed`, {
      details: error.details,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
