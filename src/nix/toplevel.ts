import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { absentStorePath } from "./absent-path.ts";
import { storePathOf } from "./store-path.ts";

/** The files that every bootable NixOS system has. */
const requiredParts = ["init", "kernel", "nixos-version"] as const;

/**
 * The store path of a NixOS system, given as itself or as a link that leads to it (`./result`, `/run/current-system`).
 *
 * @throws MkimageError NOT_A_SYSTEM saying what is missing.
 */
export function toplevelAt(path: string): string {
  const real = realPath(path);
  const toplevel = storePathOf(real);
  if (toplevel === undefined)
    throw notASystem(path, `it is ${real === path ? "" : `a link to ${real}, `}not in /nix/store`);
  if (toplevel !== real) throw notASystem(path, `it is inside the store path ${toplevel}`);
  requireSystem(toplevel);
  return toplevel;
}

/**
 * Looks whether a store path is a NixOS system.
 *
 * @throws MkimageError NOT_A_SYSTEM listing every part that is missing.
 */
export function requireSystem(toplevel: string): void {
  if (!statSync(toplevel).isDirectory()) throw notASystem(toplevel, "it is a file, not a folder");
  const missing = requiredParts.filter((part) => !existsSync(join(toplevel, part)));
  if (missing.length > 0) throw notASystem(toplevel, `it has no ${missing.join(", no ")}`);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw notASystem(
      path,
      (cause as NodeJS.ErrnoException).code === "ENOENT" ? "it does not exist" : (cause as Error).message,
    );
  }
}

function notASystem(path: string, reason: string): MkimageError {
  return new MkimageError("NOT_A_SYSTEM", `${path} is not a NixOS system: ${reason}`, {
    hint:
      absentStorePath(path) ??
      "give config.system.build.toplevel of a NixOS configuration: its store path, a link to it, or a flake reference such as .#NAME",
  });
}
