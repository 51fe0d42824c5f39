import { MkimageError } from "../base/errors.ts";
import type { ProgramSource } from "../guest/toolbox/program-source.ts";
import type { GuestShare } from "./plan/guest-share.ts";
import { isTool, type Tool } from "../runtime/tools.ts";
import { toolsOf } from "../steps/needed-tools.ts";
import { namedTools } from "./named-tools.ts";

/**
 * The programs that a guest needs for its share of an image.
 *
 * @throws MkimageError MISSING_TOOL for one that mkimage does not know where to get from.
 */
export function fillingTools(share: GuestShare, source: ProgramSource): Tool[] {
  const steps = [...share.make, ...share.mountAll, ...share.unmount];
  // A path is a program of the guest's own.
  const names = toolsOf(steps).filter((name) => !name.startsWith("/"));
  const unknown = names.filter((name) => !isTool(name));
  if (unknown.length > 0) {
    throw new MkimageError("MISSING_TOOL", `no guest can be given the programs ${unknown.join(", ")}`, {
      hint: "images are made with the filesystems that mkimage schema lists",
    });
  }
  const copying: readonly Tool[] = share.folders.length > 0 ? ["cp"] : [];
  const inHooks = steps.flatMap((step) => (step.kind === "hook" ? namedTools(step.shell, source) : []));
  return [...new Set<Tool>(["bash", ...copying, ...names.filter(isTool), ...inHooks])];
}
