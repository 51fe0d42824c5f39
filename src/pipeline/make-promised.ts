import { rmSync } from "node:fs";
import type { Blueprint } from "./plan/blueprint.ts";
import type { ImagePlan, SurveyedImage } from "./plan/image-plan.ts";
import { isPromised, promisedSpace } from "./plan/promised-space.ts";
import type { BuildContext } from "./context.ts";
import { makeEnough } from "./make-enough.ts";
import type { FinishedDisks } from "./scratch.ts";

/** An image whose disks a guest makes. */
interface PromisedImage {
  readonly blueprint: Blueprint;
  /** For the free space that was asked for. */
  readonly plan: ImagePlan;
  readonly survey: SurveyedImage;
}

/**
 * Has the disks of an image made; where they have less free space than was promised, they are made again, and larger.
 *
 * @param make makes them by a plan; its result has the space that is free on them.
 * @throws MkimageError DOES_NOT_FIT when that is never enough; as `make` does.
 */
export async function makePromised<Disks extends FinishedDisks>(
  image: PromisedImage,
  make: (plan: ImagePlan) => Promise<Disks>,
  { reporter }: Pick<BuildContext, "reporter">,
): Promise<Disks> {
  const { additionalSpace } = image.blueprint.request;
  return await makeEnough(additionalSpace, {
    make: (space) => make(space === additionalSpace ? image.plan : image.survey.plan(space)),
    freeBytes: ({ plan }) => (isPromised(plan, image) ? promisedSpace(plan) : Infinity),
    onRetry: ({ files, plan: { withSpace } }) => {
      reporter.note(`the filesystem on ${withSpace} has less free than it should: it is made again, larger`);
      for (const path of files.values()) rmSync(path);
    },
  });
}
