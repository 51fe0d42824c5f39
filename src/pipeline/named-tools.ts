import type { ProgramSource } from "../guest/toolbox/program-source.ts";
import { isTool, type Tool } from "../runtime/tools.ts";

/** Shell lines of the user's may call anything: of the tools whose names are in them, those that there are. */
export function namedTools(shell: string, { lookUp }: ProgramSource): Tool[] {
  const words: readonly string[] = shell.match(/[\w.-]+/g) ?? [];
  return [...new Set(words)].filter(isTool).filter((tool) => lookUp(tool) !== undefined);
}
