import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { requireSpace } from "../image/free-space.ts";
import { openWorkspace } from "../process/workspace.ts";
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
import { writeFormat } from "./finish.ts";
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
  checkOutputFolder(request.out, request.force);
  const workspace = await openWorkspace(folderBeside(request.out));
  try {
    const { blueprint, plan } = await draft(request, target, workspace.folder, context);
    await requireSpace(workspace.folder, occupiedBytes(plan));
    const installed = await install(blueprint, workspace.folder, context);
    return await finish(blueprint, installed, workspace.folder, context);
  } finally {
    workspace.remove();
  }
}

async function finish(
  blueprint: Blueprint,
  installed: Installed,
  folder: string,
  context: BuildContext,
): Promise<Published> {
  const { request } = blueprint;
  const plan = solve(blueprint, installed.installation);
  const path = join(folder, "image");
  await writeImage(blueprint, plan, installed, path, context);
  const tools = await toolVersions(blueprint, context.signal);
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
  const published = await publish(publication, context.signal);
  rmSync(`${request.out}.guest.log`, { force: true });
  return published;
}

function solve(blueprint: Blueprint, installation: Installation): ImagePlan {
  const { request, source } = blueprint;
  const { size, additionalSpace } = request;
  return planImage({ ...blueprint, size, additionalSpace, files: source.files, installation });
}

async function writeImage(
  blueprint: Blueprint,
  plan: ImagePlan,
  { installation, scratchDisk }: Installed,
  path: string,
  context: BuildContext,
): Promise<void> {
  const [disk] = plan.layout.disks;
  if (disk === undefined) throw new Error("a preset has one disk");
  if (scratchDisk !== undefined)
    context.reporter.note(
      `the image is the installer's own disk, and its bytes are not reproducible: ${scratchDisk.reason}`,
    );
  const image =
    scratchDisk === undefined ? await assemble(plan, disk, installation.bootCode, join(path, "..")) : scratchDisk;
  await writeFormat(image, path, blueprint.request, blueprint.identity, context);
}

function variablesFile({ variables }: Installed): ReadyFile[] {
  return variables === undefined ? [] : [{ path: variables, name: variablesName }];
}
