import type { Bytes } from "../../base/units.ts";
import type { Blueprint } from "./blueprint.ts";
import { filesystemWithSpace, type ImagePlan, type SurveyedImage } from "./image-plan.ts";

/** An image, as it was planned. */
interface PromisingImage {
  readonly blueprint: Blueprint;
  readonly survey: SurveyedImage;
}

/** Whether the size of what has the space is ours to choose, and a guest fills it: else none was promised. Pure. */
export function isPromised(filled: ImagePlan, { blueprint, survey }: PromisingImage): boolean {
  const { size, additionalSpace } = blueprint.request;
  const root = filesystemWithSpace(filled);
  if (size !== "auto" || root?.plan.madeBy !== "guest") return false;
  if (root.plan.freeBytes >= additionalSpace) return true;
  const larger = survey.plan(additionalSpace + root.plan.size);
  return (filesystemWithSpace(larger)?.plan.size ?? 0) > root.plan.size;
}

/** The bytes that are free where the space was promised. */
export function promisedSpace(plan: ImagePlan): Bytes {
  return filesystemWithSpace(plan)?.plan.freeBytes ?? 0;
}
