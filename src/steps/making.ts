import type { StepContext } from "./context.ts";
import type { Place } from "./located.ts";
import { type Step, step } from "./step.ts";

/** The steps that make what stands at a place of the tree, or what stands in for them where it is laid out already. */
export function makingSteps(
  { path, device }: Pick<Place, "path" | "device">,
  { setting }: StepContext,
  steps: readonly Step[],
): readonly Step[] {
  const laidOut = setting.laidOut?.get(path);
  if (laidOut === undefined) return steps;
  if (laidOut.kind === "in place") return [];
  return [step(path, `copy what is laid out to ${device}`, [{ kind: "is empty", device }], [...laidOut.argv, device])];
}
