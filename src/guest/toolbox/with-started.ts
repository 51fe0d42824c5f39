import type { Tool } from "../../runtime/tools.ts";
import { needsOf } from "./needs.ts";
import type { ProgramSource } from "./program-source.ts";

/** Tools with all that they start, at any depth, by name, and the path of each. Throws as `find` does. */
export function withStarted(tools: readonly Tool[], { find, lookUp }: ProgramSource): Map<Tool, string> {
  const programs = new Map<Tool, string>();
  const add = (tool: Tool, path: string) => {
    if (programs.has(tool)) return;
    programs.set(tool, path);
    const { starts = [], mayStart = [] } = needsOf(tool);
    for (const started of starts) add(started, find(started));
    for (const started of mayStart) {
      const found = lookUp(started);
      if (found !== undefined) add(started, found);
    }
  };
  for (const tool of tools) add(tool, find(tool));
  return new Map([...programs].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
