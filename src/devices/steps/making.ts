import { type Claim, firstDevice } from "../../steps/claim.ts";
import type { StepContext } from "./context.ts";
import { type Step, step } from "../../steps/step.ts";

/** The steps that make what stands at a place of the tree, or what stands in for them where it is laid out already. */
export function makingSteps(claim: Claim, { setting }: StepContext, steps: readonly Step[]): readonly Step[] {
  const { path, device } = firstDevice(claim);
  const laidOut = setting.laidOut?.get(path);
  if (laidOut === undefined) return steps;
  if (laidOut.kind === "in place") return [];
  return [step(path, `copy what is laid out to ${device}`, [{ kind: "is unmade", claim }], [...laidOut.argv, device])];
}
