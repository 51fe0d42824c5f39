import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { MkimageError } from "../base/errors.ts";
import { projectFolder } from "./project-folder.ts";

type Koffi = typeof import("koffi");
type Library = ReturnType<Koffi["load"]>;
type NativeFunction = ReturnType<Library["func"]>;

/** The native functions in the running Node or in libraries that it is linked with: the C library, zlib, zstd. */
interface NativeLibrary {
  /**
   * A function by its C prototype.
   *
   * @throws MkimageError MISSING_TOOL where this Node has none of that name.
   */
  func(prototype: string): NativeFunction;
  /** Where bytes lie. They stay there as long as they are referred to. */
  addressOf(bytes: Uint8Array): bigint;
  /** Why this thread's last call that set `errno` failed: a name (`ENOENT`) and what it means. */
  lastError(): readonly [name: string, meaning: string];
}

let loaded: NativeLibrary | undefined;

export function native(): NativeLibrary {
  return (loaded ??= load());
}

/**
 * Loads Koffi's program without the script that looks for it, which takes ten times as long, where the build has put it
 * beside the bundle. A package for every machine has none, and takes Koffi's own way.
 */
function load(): NativeLibrary {
  const require = createRequire(import.meta.filename);
  const beside = join(projectFolder(), "dist/koffi.node");
  const koffi = require(existsSync(beside) ? beside : "koffi") as Koffi;
  const library = koffi.load(null);
  return {
    func: (prototype) => functionOf(library, prototype),
    addressOf: (bytes) => koffi.address(bytes),
    lastError: () => getSystemErrorMap().get(-koffi.errno()) ?? ["EUNKNOWN", `error ${koffi.errno()}`],
  };
}

function functionOf(library: Library, prototype: string): NativeFunction {
  try {
    return library.func(prototype);
  } catch (cause) {
    const message = `${process.execPath} (Node ${process.versions.node}) does not offer "${prototype}"`;
    const hint = "build mkimage with a Node that exports zlib and zstd, as that of the npm package `node` does";
    throw new MkimageError("MISSING_TOOL", message, { hint, cause });
  }
}
