import { realpathSync } from "node:fs";
import { programSource } from "../guest/toolbox/program-source.ts";
import type { Tool } from "../runtime/tools.ts";
import { versionCommand } from "../runtime/version-question.ts";
import type { BuildContext } from "./context.ts";

/**
 * The version of a program that a guest is given; undefined where it tells none.
 *
 * @param toolbox the store path that it is in; undefined: this machine has it.
 * @throws MkimageError MISSING_TOOL.
 */
export async function versionOf(
  tool: Tool,
  toolbox: string | undefined,
  { signal, host }: BuildContext,
): Promise<string | undefined> {
  // It may be for another processor, and is not run: the path of its package has its version.
  if (toolbox !== undefined) return versionInPath(realpathSync(programSource(toolbox).find(tool)));
  const command = versionCommand(tool);
  if (command === undefined) return undefined;
  const { stdout, stderr } = await host.run(command.program, command.question, { signal, deadlineSeconds: 30 });
  return /\d+(\.\d+)+/.exec(stdout + stderr)?.[0];
}

function versionInPath(path: string): string | undefined {
  return /\/[0-9a-z]{32}-[^/]*?-(\d+(?:\.\d+)+)[^/]*\//.exec(path)?.[1];
}
