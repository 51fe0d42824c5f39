import { rmSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../errors.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { requireSpace } from "../image/free-space.ts";
import { openWorkspace, type Workspace } from "../process/workspace.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { planFacts } from "../plan/describe.ts";
import type { ImagePlan } from "../plan/image-plan.ts";
import { checkOutputFolder, folderBeside, type ReadyFile, variablesName } from "../publish/output-folder.ts";
import { publish, type Published } from "../publish/publish.ts";
import { formatEndings } from "../request/choices.ts";
import type { Request } from "../request/schema.ts";
import { assemble } from "./assemble.ts";
import type { BuildContext } from "./context.ts";
import { draft } from "./draft.ts";
import { type FinalDisk, writeFormat } from "./finish.ts";
import { guestLogOf } from "./guest-log.ts";
import { install, type Installed } from "./install.ts";
import { occupiedBytes } from "./occupied-bytes.ts";
import { toolVersions } from "./tool-versions.ts";

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
    const drafted = await draft(request, target, workspace.folder, context);
    const tools = await toolVersions(drafted, context.signal);
    await requireSpace(beside.path, occupiedBytes(drafted.plan));
    const installed = await install(drafted, workspace.folder, context);
    return await finish(drafted.blueprint, installed, tools, workspace, context);
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
  const path = join(workspace.folder, "image");
  const disk = await finalDisk(installed, workspace.folder, context);
  await writeFormat(disk, path, request, blueprint.identity, context);
  const publication = {
    out: request.out,
    image: { path, name: `${request.baseName}.${formatEndings[request.format]}` },
    others: variablesFile(installed),
    format: request.format === "qcow2-compressed" ? "qcow2" : request.format,
    postHook: request.postVm,
    facts: {
      ...planFacts(blueprint, installed.plan),
      reproducible: installed.scratchDisk === undefined && request.deterministic,
      tools,
    },
    checksum: request.checksum,
  };
  workspace.claim([publication.image, ...publication.others], request.out);
  const published = await publish(publication, context.signal);
  rmSync(guestLogOf(request), { force: true });
  return published;
}

/**
 * The disk with its bootloader, ready for a sink.
 *
 * @throws MkimageError as `assemble` does.
 */
export async function finalDisk(installed: Installed, folder: string, context: BuildContext): Promise<FinalDisk> {
  if (installed.scratchDisk !== undefined) {
    const { path, reason } = installed.scratchDisk;
    context.reporter.note(`the image is the disk of a guest, and its bytes are not reproducible: ${reason}`);
    return { path };
  }
  return assemble(installed.plan, onlyDisk(installed.plan), installed.installation.bootCode, folder);
}

function onlyDisk(plan: ImagePlan): DiskLayout {
  const [disk] = plan.layout.disks;
  if (disk === undefined) throw new MkimageError("INTERNAL", "a preset has one disk");
  return disk;
}

function variablesFile({ variables }: Installed): ReadyFile[] {
  return variables === undefined ? [] : [{ path: variables, name: variablesName }];
}
