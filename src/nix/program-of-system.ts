import { existsSync } from "node:fs";
import { join } from "node:path";

/** Finds a program in a built system's own path; `undefined` where it has none of that name. */
export function programOfSystem(toplevel: string, name: string): string | undefined {
  const path = join(toplevel, "sw/bin", name);
  return existsSync(path) ? path : undefined;
}
