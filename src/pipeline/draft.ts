import type { Installation } from "../bootloaders/installation.ts";
import { requireFormatHolds } from "../image/formats/registry.ts";
import type { ToolVersions } from "../filesystems/survey.ts";
import { type Blueprint, drawBlueprint } from "./plan/blueprint.ts";
import { type ImagePlan, type SurveyedImage, surveyImage } from "./plan/image-plan.ts";
import { notesOnFstab } from "./plan/unfound-mounts.ts";
import type { DiskShape } from "./plan/disk-shape.ts";
import { requireGrowth } from "./plan/require-growth.ts";
import { requirePlaces } from "./plan/require-places.ts";
import { type Recipe, recipeOf } from "./plan/recipe.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";
import { installOnHost } from "./install-on-host.ts";
import { prepare } from "./prepare.ts";
import type { ImageSource } from "./plan/source.ts";
import { sizeStepsOf } from "./plan/size-steps.ts";
import { sizingVersions } from "./sizing-versions.ts";

/** A build that is planned as far as it can be without building. */
export interface Draft {
  readonly blueprint: Blueprint;
  /** Of the programs by which filesystems are sized, where they are known. */
  readonly versions: ToolVersions;
  /** The installation that the host makes, or what is foreseen of one by nixos-install; empty where nothing is known before. */
  readonly installation: Installation;
  /** The image with that installation. It lacks the files that an installer in a guest adds. */
  readonly plan: ImagePlan;
  /** The same image, of which other sizes can be had. */
  readonly survey: SurveyedImage;
  readonly recipe: Recipe;
}

/**
 * Plans an image: everything that `build` does before it writes.
 *
 * @param target as in `prepare`.
 * @param disks as in `BlueprintOptions`.
 * @throws MkimageError for whatever is wrong with the request, the system, or their sizes.
 */
export async function draft(
  asked: Request,
  target: string | undefined,
  folder: string,
  context: BuildContext,
  disks?: readonly DiskShape[],
): Promise<Draft> {
  return await draftOf(asked, await readSystem(asked, target, folder, context), context, disks);
}

/**
 * Finds out what goes into an image, as `prepare` does, and tells of it.
 *
 * @throws MkimageError as `prepare`.
 */
export function readSystem(
  asked: Request,
  target: string | undefined,
  folder: string,
  context: BuildContext,
): Promise<ImageSource> {
  return context.reporter.task("Reading the system", (task) => prepare(asked, target, folder, context, task));
}

/**
 * Plans an image of what is known to go into it, for disks of any size or for these.
 *
 * @throws MkimageError as `draft`.
 */
export async function draftOf(
  asked: Request,
  source: ImageSource,
  context: BuildContext,
  disks?: readonly DiskShape[],
): Promise<Draft> {
  const blueprint = drawBlueprint(asked, source, { time: context.time, randomSeed: context.host.randomSeed(), disks });
  blueprint.notes.forEach((line) => context.reporter.note(line));
  const { request } = blueprint;
  const versions = await sizingVersions(blueprint, context);
  const installation = installOnHost(blueprint);
  const survey = surveyOf({ blueprint, versions }, installation);
  const plan = survey.plan(request.additionalSpace);
  for (const { size } of plan.layout.disks) requireFormatHolds(request.format, size);
  requireGrowth(blueprint, plan);
  const fstab = source.system?.fstab ?? "";
  const notes = [...requirePlaces(blueprint, plan, installation), ...notesOnFstab(fstab, plan.layout)];
  notes.forEach((line) => context.reporter.note(line));
  return { blueprint, versions, installation, plan, survey, recipe: recipeOf(blueprint, plan) };
}

/** The image of a blueprint with an installation in it, of any size. Pure. */
export function surveyOf(
  { blueprint, versions }: Pick<Draft, "blueprint" | "versions">,
  installation: Installation,
): SurveyedImage {
  const { request, source, ...decided } = blueprint;
  const { size } = request;
  return surveyImage({ ...decided, size, steps: sizeStepsOf(request), files: source.files, installation, versions });
}
