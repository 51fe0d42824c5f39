import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { MkimageError } from "../errors.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { requireSpace } from "../image/free-space.ts";
import { openWorkspace, type Workspace } from "../process/workspace.ts";
import { type Blueprint, drawBlueprint } from "../plan/blueprint.ts";
import type { Installation } from "../bootloader/installation.ts";
import { planFacts } from "../plan/describe.ts";
import { type ImagePlan, planImage } from "../plan/image-plan.ts";
import { checkOutputFolder, folderBeside, type ReadyFile, variablesName } from "../publish/output-folder.ts";
import { publish, type Published } from "../publish/publish.ts";
import { formatEndings } from "../request/choices.ts";
import type { Request } from "../request/schema.ts";
import { assemble } from "./assemble.ts";
import type { BuildContext } from "./context.ts";
import { type FinalDisk, writeFormat } from "./finish.ts";
import { guestLogOf } from "./guest-log.ts";
import { install, type Installed, installOnHost } from "./install.ts";
import { occupiedBytes } from "./occupied-bytes.ts";
import { prepare } from "./prepare.ts";
import { toolVersions } from "./tool-versions.ts";

/** A build that is planned as far as it can be without building. */
export interface Draft {
  readonly blueprint: Blueprint;
  /** Without what a bootloader's installer in a guest will add. */
  readonly plan: ImagePlan;
}

/**
 * Plans an image: everything that `build` does before it writes.
 *
 * @param target as in `prepare`.
 * @throws MkimageError for whatever is wrong with the request, the system, or their sizes.
 */
export async function draft(
  request: Request,
  target: string | undefined,
  folder: string,
  context: BuildContext,
): Promise<Draft> {
  const source = await context.reporter.task("Reading the system", () => prepare(request, target, folder, context));
  const blueprint = drawBlueprint(request, source, context.time, randomUUID());
  return { blueprint, plan: solve(blueprint, installOnHost(blueprint)) };
}

/**
 * Builds an image and publishes it.
 *
 * @throws MkimageError; after it nothing is left but, where a guest failed, its log.
 */
export async function build(request: Request, target: string | undefined, context: BuildContext): Promise<Published> {
  const beside = folderBeside(request.out);
  const workspace = await openWorkspace(beside.path);
  try {
    checkOutputFolder(request.out, request.force);
    const { blueprint, plan } = await draft(request, target, workspace.folder, context);
    const tools = await toolVersions(blueprint, context.signal);
    await requireSpace(workspace.folder, occupiedBytes(plan));
    const installed = await install(blueprint, workspace.folder, context);
    return await finish(blueprint, installed, tools, workspace, context);
  } finally {
    workspace.remove();
    beside.removeUnused();
  }
}

async function finish(
  blueprint: Blueprint,
  installed: Installed,
  tools: Readonly<Record<string, string>>,
  workspace: Workspace,
  context: BuildContext,
): Promise<Published> {
  const { request } = blueprint;
  const plan = solve(blueprint, installed.installation);
  const path = join(workspace.folder, "image");
  const disk = await finalDisk(blueprint, installed, workspace.folder, context);
  await writeFormat(disk, path, request, blueprint.identity, context);
  const publication = {
    out: request.out,
    image: { path, name: `${request.baseName}.${formatEndings[request.format]}` },
    others: variablesFile(installed),
    format: request.format === "qcow2-compressed" ? "qcow2" : request.format,
    postHook: request.postVm,
    facts: {
      ...planFacts(blueprint, plan),
      reproducible: installed.scratchDisk === undefined && request.deterministic,
      tools,
    },
    checksum: request.checksum,
  };
  workspace.claim([publication.image, ...publication.others].map(({ name }) => resolve(request.out, name)));
  const published = await publish(publication, context.signal);
  rmSync(guestLogOf(request), { force: true });
  return published;
}

function solve(blueprint: Blueprint, installation: Installation): ImagePlan {
  const { request, source } = blueprint;
  const { size, additionalSpace } = request;
  return planImage({ ...blueprint, size, additionalSpace, files: source.files, installation });
}

/**
 * The disk of a blueprint with its bootloader, ready for a sink.
 *
 * @throws MkimageError as `planImage` and `assemble` do.
 */
export async function finalDisk(
  blueprint: Blueprint,
  installed: Installed,
  folder: string,
  context: BuildContext,
): Promise<FinalDisk> {
  if (installed.scratchDisk !== undefined) {
    const { path, reason } = installed.scratchDisk;
    context.reporter.note(`the image is the installer's own disk, and its bytes are not reproducible: ${reason}`);
    return { path };
  }
  const plan = solve(blueprint, installed.installation);
  return assemble(plan, onlyDisk(plan), installed.installation.bootCode, folder);
}

function onlyDisk(plan: ImagePlan): DiskLayout {
  const [disk] = plan.layout.disks;
  if (disk === undefined) throw new MkimageError("INTERNAL", "a preset has one disk");
  return disk;
}

function variablesFile({ variables }: Installed): ReadyFile[] {
  return variables === undefined ? [] : [{ path: variables, name: variablesName }];
}
