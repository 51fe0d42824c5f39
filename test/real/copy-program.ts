import { copyFileSync, cpSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");

/** Puts the built program into a folder of its own, with all that it needs of its clone; gives what starts it there. */
export function copyProgram(folder: string): string {
  for (const part of ["bin", "dist", "vm", "package.json"]) {
    cpSync(join(project, part), join(folder, part), { recursive: true });
  }
  // A link, which leads where others may not be allowed.
  rmSync(join(folder, "dist/node"));
  copyFileSync(realpathSync(join(project, "dist/node")), join(folder, "dist/node"));
  return join(folder, "bin/mkimage");
}
