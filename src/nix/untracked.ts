import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { quoteArguments } from "../base/quote.ts";

/**
 * Advice on a file of a flake that Nix does not see since Git does not track it; `undefined` where that is not the reason.
 *
 * @param message Nix's own words.
 * @param arguments_ those of the call: one of them names the flake.
 */
export function untrackedFile(message: string, arguments_: readonly string[], folder = "."): string | undefined {
  const file = missingFile(message);
  if (file === undefined) return undefined;
  const repository = arguments_
    .flatMap((argument) => repositoryOf(argument, folder) ?? [])
    .find((root) => existsSync(join(root, file)));
  if (repository === undefined) return undefined;
  const command = quoteArguments(["git", "-C", repository, "add", file]);
  return `${file} is there, but of a flake in a Git repository Nix sees only what Git tracks: ${command}`;
}

/** The file of a flake's source that Nix has not found, in the words of 2.8, 2.20 and newer, and 2.31 and newer. */
function missingFile(message: string): string | undefined {
  return (
    /'\/nix\/store\/[0-9a-z]{32}-source\/([^']+)'(?:: No such file| does not exist)/.exec(message)?.[1] ??
    /[Pp]ath '([^']+)' in the repository .* is not tracked by Git/.exec(message)?.[1]
  );
}

/** The top folder of the Git repository of a flake on this machine that an argument names. */
function repositoryOf(argument: string, folder: string): string | undefined {
  const [, place] = /^(?:git\+file:(?:\/\/)?)?([^#?]*)(?:\?[^#]*)?#/.exec(argument) ?? [];
  const start = place === undefined ? undefined : resolve(folder, place);
  return start === undefined || !existsSync(start) ? undefined : above(realpathSync(start));
}

function above(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  return folder === "/" ? undefined : above(dirname(folder));
}
