import { existsSync } from "node:fs";
import type { Command } from "commander";
import { MkimageError } from "../base/errors.ts";
import { suggest } from "../base/schema/suggest.ts";

/**
 * Refuses a call without a verb whose first word looks like a verb: it would be a flake's name in Nix's registry, which
 * takes seconds to find out. After `build` it is that name.
 *
 * @throws MkimageError BAD_REQUEST with the verb that was meant.
 */
export function refuseMistypedVerb(build: Command, [word]: readonly string[]): void {
  const root = build.parent;
  if (root === null || word === undefined || root.args[0] === build.name()) return;
  if (!/^[\w-]+$/.test(word) || existsSync(word)) return;
  const meant = suggest(
    word,
    root.commands.map((verb) => verb.name()),
  );
  if (meant === undefined) return;
  throw new MkimageError("BAD_REQUEST", `${word} is no command of mkimage; did you mean ${meant}?`, {
    hint: `for a flake of that name in Nix's registry: mkimage build ${word}`,
  });
}
