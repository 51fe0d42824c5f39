import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import type { ProgramSource } from "../../guest/toolbox/program-source.ts";
import { isTool, type Tool } from "../../runtime/tools.ts";
import { toolsOf } from "../../devices/steps/script.ts";
import { treeSteps } from "../../devices/steps/tree-steps.ts";
import { type GuestShare, guestRoot } from "./guest-share.ts";
import type { Script } from "./source.ts";

/** The programs that a guest is given. */
export interface GuestTools {
  readonly needed: readonly Tool[];
  /** Those whose names are in shell lines of the user's, which may call anything: they are given where there are any. */
  readonly named: readonly Tool[];
  /** Store paths that come along, with all that they refer to. */
  readonly storePaths?: readonly string[];
}

/**
 * The programs that a guest needs for its share of an image. Pure.
 *
 * @throws MkimageError MISSING_TOOL for one that mkimage does not know where to get from.
 */
export function shareTools({ make, mountAll, unmount, filled }: GuestShare): GuestTools {
  const steps = [...make, ...mountAll, ...unmount];
  // A path is a program of the guest's own.
  const names = toolsOf(steps).filter((name) => !name.startsWith("/"));
  const unknown = names.filter((name) => !isTool(name));
  if (unknown.length > 0) {
    throw new MkimageError("MISSING_TOOL", `no guest can be given the programs ${unknown.join(", ")}`, {
      hint: "images are made with the filesystems that mkimage schema lists",
    });
  }
  const copying: readonly Tool[] = filled.length > 0 ? ["cp"] : [];
  const inHooks = steps.flatMap((step) => (step.kind === "hook" ? namedTools(step.shell) : []));
  return { needed: [...new Set<Tool>(["bash", ...copying, ...names.filter(isTool)])], named: [...new Set(inHooks)] };
}

/** The programs that a guest needs for somebody else's script, and for closing what that has opened. Pure. */
export function scriptTools({ text }: Script, tree: DeviceTree): GuestTools {
  const closing = toolsOf(treeSteps("unmount", tree, { root: guestRoot })).filter(isTool);
  const needed = new Set<Tool>(["bash", "blkid", "cp", "findmnt", "udevadm", ...closing]);
  return { needed: [...needed], named: namedTools(text) };
}

/** All programs that are to be had from a source, each once. */
export function availableTools({ needed, named }: GuestTools, { lookUp }: ProgramSource): Tool[] {
  return [...new Set([...needed, ...named.filter((tool) => lookUp(tool) !== undefined)])];
}

function namedTools(shell: string): Tool[] {
  const words: readonly string[] = shell.match(/[\w.-]+/g) ?? [];
  return [...new Set(words)].filter(isTool);
}
