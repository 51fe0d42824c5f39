import { mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { run } from "../runtime/run.ts";
import type { Tool } from "../runtime/tools.ts";
import { NixLog } from "./log/nix-log.ts";
import type { NixWatch } from "./log/watch.ts";
import { failureError, NixFailure } from "./nix-failure.ts";

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
  /** Hears what Nix does. */
  readonly watch?: NixWatch | undefined;
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

/**
 * The arguments of `nix` for a subcommand, with flakes switched on.
 *
 * @param subcommand its words, with a space between them: `flake metadata`.
 */
export function nixArguments(subcommand: string, rest: readonly string[], options: NixOptions = {}): string[] {
  const words = [...subcommand.split(" "), ...(options.nixArguments ?? []), ...rest];
  return ["--extra-experimental-features", "nix-command flakes", ...words];
}

/** Switches Nix's log to its form for programs; every Nix since 2.4 has it, and Lix. */
const logArguments = ["--log-format", "internal-json"];

/**
 * Runs `nix SUBCOMMAND` and gives its standard output.
 *
 * @throws MkimageError RESOLVE_FAILED saying that `purpose` failed, Nix's decisive lines first; MISSING_TOOL; INTERRUPTED.
 */
export function nix(
  purpose: string,
  subcommand: string,
  rest: readonly string[],
  options: NixOptions = {},
  hint?: string,
): Promise<string> {
  return explained(purpose, options, hint, runNix(subcommand, rest, options));
}

/** As `nix`, but runs `nix-store`, which knows settings, nothing of evaluations, and is the same in every Nix. */
export function nixStore(
  purpose: string,
  arguments_: readonly string[],
  options: NixOptions = {},
  hint?: string,
): Promise<string> {
  const words = [...arguments_, ...settingArguments(options), ...logArguments];
  return explained(purpose, options, hint, call("nix-store", words, options));
}

/**
 * Runs `nix SUBCOMMAND` and gives its standard output.
 *
 * @throws NixFailure with all that Nix said; MkimageError MISSING_TOOL, NO_SPACE, INTERRUPTED.
 */
export function runNix(subcommand: string, rest: readonly string[], options: NixOptions): Promise<string> {
  return call("nix", nixArguments(subcommand, [...logArguments, ...rest], options), options);
}

async function explained(
  purpose: string,
  options: NixOptions,
  hint: string | undefined,
  answer: Promise<string>,
): Promise<string> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NixFailure)) throw error;
    throw failureError(purpose, error, { hint, wantsTrace: isTraced(options) });
  }
}

/** Whether Nix is to tell how it came to an error. */
export function isTraced({ nixArguments: given = [] }: NixOptions): boolean {
  return given.includes("--show-trace");
}

async function call(tool: Tool, arguments_: readonly string[], { signal, folder, watch }: NixOptions): Promise<string> {
  const log = new NixLog(watch);
  try {
    const { stdout } = await run(tool, arguments_, {
      deadlineSeconds: buildDeadlineSeconds,
      signal,
      onErrorLine: (line) => log.read(line),
      ...(folder === undefined ? {} : { folder }),
    });
    return stdout;
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new NixFailure({ arguments_, folder }, error.details[0] ?? "", log, error);
  }
}
