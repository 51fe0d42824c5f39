import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { storePathOf } from "./store-path.ts";

/** How a user names a system. */
export type SystemSource =
  | { readonly kind: "toplevel"; readonly path: string }
  /** Without a name, the flake must have exactly one system. */
  | { readonly kind: "flake"; readonly flake: string; readonly name?: string | undefined }
  | { readonly kind: "file"; readonly file: string; readonly attributes?: string | undefined };

/**
 * The system that a command line names: by an argument, or as an attribute of a Nix file; the flake in this folder where it
 * names none.
 *
 * @throws MkimageError BAD_REQUEST when both are given.
 */
export function systemSourceFor(
  argument: string | undefined,
  file: string | undefined,
  attributes: string | undefined,
): SystemSource {
  if (file === undefined) return systemSourceOf(argument ?? ".");
  if (argument === undefined) return { kind: "file", file, attributes };
  throw new MkimageError("BAD_REQUEST", `${argument} and --file ${file} both name a system`, {
    hint: "give one of the two; an attribute of the file is named by --attr",
  });
}

/**
 * Interprets an argument: a path that leads into the store is a system, unless a flake is there; all else is a flake
 * reference (`.`, `.#web`, `github:owner/repository#web`).
 */
export function systemSourceOf(text: string): SystemSource {
  if (!text.includes("#") && existsSync(text)) {
    const real = realpathSync(text);
    if (storePathOf(real) !== undefined && !existsSync(join(real, "flake.nix")))
      return { kind: "toplevel", path: text };
  }
  return text.startsWith("/nix/store/") && !text.includes("#")
    ? { kind: "toplevel", path: text }
    : parseFlakeReference(text);
}

/** Splits `FLAKE#NAME`. NAME may be quoted, or a whole path from `nixosConfigurations` on. Pure. */
export function parseFlakeReference(text: string): SystemSource & { readonly kind: "flake" } {
  const hash = text.indexOf("#");
  const flake = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  const inner = /^nixosConfigurations\.(.+?)(?:\.config\.system\.build\.toplevel)?$/.exec(fragment)?.[1] ?? fragment;
  const name = /^"(.*)"$/.exec(inner)?.[1] ?? inner;
  return { kind: "flake", flake: flake === "" ? "." : flake, ...(name === "" ? {} : { name }) };
}
