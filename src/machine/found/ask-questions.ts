import type { BlockFacts, DeviceAnswer, DeviceQuestion } from "../../devices/found/facts.ts";
import { readingsOf } from "../../devices/found/read-tree.ts";
import { programLimits } from "../../image/reading/program-limits.ts";
import { run } from "../../runtime/run.ts";
import { lookUpTool, packagesOf } from "../../runtime/tools.ts";
import { MiB } from "../../base/units.ts";
import { reasonOf } from "./look-at-block.ts";

/** Asks programs what else there is to know of a device, as the type of node that fills it wants it. */
export async function askQuestions(
  block: BlockFacts,
  path: string,
  signal?: AbortSignal,
): Promise<Record<string, DeviceAnswer>> {
  const answers: Record<string, DeviceAnswer> = {};
  for (const { questions } of readingsOf(block))
    for (const [name, question] of Object.entries(questions?.(path, block) ?? {}))
      answers[name] = await ask(question, block.name, signal);
  return answers;
}

async function ask({ tool, argv }: DeviceQuestion, name: string, signal?: AbortSignal): Promise<DeviceAnswer> {
  if (lookUpTool(tool) === undefined)
    return { fault: `${tool} is not installed, which tells more of ${name} (${packagesOf(tool)})` };
  try {
    const limits = programLimits(longestLook);
    return { text: (await run(tool, argv, { signal, deadlineSeconds: 120, limits, maxOutput: 64 * MiB })).stdout };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { fault: `${tool} does not tell of ${name}: ${reasonOf(error)}` };
  }
}

/** Bounds a program's time and memory: no device has more structures than this. */
const longestLook = 1024 * MiB;
