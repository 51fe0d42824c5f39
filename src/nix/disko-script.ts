import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { build, type Configuration, evaluate } from "./configuration.ts";
import type { NixOptions } from "./nix.ts";

/** Under which names disko's module has the script that destroys, formats and mounts: the second is that of old versions. */
const attributes = ["destroyFormatMount", "diskoScript"];

const existing = `config: builtins.filter (name: config.system.build ? \${name}) [ ${attributes.map((name) => `"${name}"`).join(" ")} ]`;

/**
 * Builds the script with which a configuration's disko makes its disks, and gives the path of the executable.
 *
 * @throws MkimageError BAD_REQUEST when the configuration has none; RESOLVE_FAILED with Nix's own words.
 */
export async function buildDiskoScript(configuration: Configuration, options: NixOptions = {}): Promise<string> {
  const [attribute] = (await evaluate(configuration, existing, options)) as string[];
  if (attribute !== undefined)
    return executableIn(await build(configuration, `config.system.build.${attribute}`, options));
  throw new MkimageError("BAD_REQUEST", "the system has no script of disko's that could make its disks", {
    hint: "import disko's module into the configuration, or name a script: --disko-script PATH",
  });
}

/** Some versions build the script itself, others a folder whose `bin` has it and nothing else. */
function executableIn(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const [name, ...others] = readdirSync(join(path, "bin"));
  if (name !== undefined && others.length === 0) return join(path, "bin", name);
  throw new MkimageError("BAD_REQUEST", `${path}/bin has ${others.length + 1} programs, and not one script`, {
    hint: "name the one that makes the disks: --disko-script PATH",
  });
}
