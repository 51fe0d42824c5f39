import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { storePathOf } from "./store-path.ts";

/** How a user names a system. */
export type SystemSource =
  | { readonly kind: "toplevel"; readonly path: string }
  /** Without a name, the flake must have exactly one system. */
  | { readonly kind: "flake"; readonly flake: string; readonly name?: string | undefined }
  | { readonly kind: "file"; readonly file: string; readonly attributes?: string | undefined };

/**
 * What an argument stands for: a path that leads into the store is a system, unless a flake is there; all else is a flake
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
