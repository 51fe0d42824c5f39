import { rmSync } from "node:fs";
import { requireSpace } from "../image/free-space.ts";
import { removeLeftovers } from "../runtime/leftovers.ts";
import type { Workspace } from "../runtime/workspace.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { requireKeys } from "./plan/require-keys.ts";
import { planFacts } from "./plan/describe.ts";
import { holdOutputFolder } from "./publish/hold-output-folder.ts";
import { checkOutputFolder, folderBeside, type ReadyFile, variablesName } from "./publish/output-folder.ts";
import { publicationOf } from "./publish/publication-of.ts";
import { publish, type Published } from "./publish/publish.ts";
import type { Request } from "../request/schema.ts";
import type { BuildContext } from "./context.ts";
import { draft } from "./draft.ts";
import { guestLogOf } from "./guest-log.ts";
import { install, type Installed } from "./install.ts";
import { occupiedBytes } from "./occupied-bytes.ts";
import { toolVersions } from "./tool-versions.ts";
import { writeImages } from "./write-images.ts";

/**
 * Builds an image and publishes it.
 *
 * @throws MkimageError; after it nothing is left but, where a guest failed, its log.
 */
export async function build(request: Request, target: string | undefined, context: BuildContext): Promise<Published> {
  const beside = folderBeside(request.out);
  try {
    // Files that a killed build had published in part are none of the user's.
    removeLeftovers(beside.path);
    checkOutputFolder(request.out, request.force);
    const held = await holdOutputFolder(request.out);
    try {
      return await buildInto(beside.path, request, target, context);
    } finally {
      held.release();
    }
  } finally {
    beside.removeUnused();
  }
}

async function buildInto(
  folder: string,
  request: Request,
  target: string | undefined,
  context: BuildContext,
): Promise<Published> {
  const workspace = await context.host.openWorkspace(folder);
  try {
    context.host.startCopying();
    const drafted = await draft(request, target, workspace.folder, context);
    requireKeys(drafted.blueprint);
    const tools = await toolVersions(drafted, context);
    await requireSpace(folder, occupiedBytes(drafted.plan), context.host);
    const installed = await install(drafted, workspace.folder, context);
    return await finish(drafted.blueprint, installed, tools, workspace, context);
  } finally {
    workspace.remove();
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
  reportScratch(installed, context);
  const { images, maps } = await writeImages(blueprint, installed, workspace.folder, context);
  const publication = {
    out: request.out,
    images,
    others: [...maps, ...variablesFile(installed)],
    ...publicationOf(blueprint, installed),
    postHook: { shell: request.postVm, path: blueprint.source.hookPath ?? [] },
    facts: {
      ...planFacts(blueprint, installed.plan),
      reproducible: installed.scratchDisks === undefined && request.deterministic,
      tools,
    },
    checksum: request.checksum,
  };
  // Somebody else may have put something there meanwhile.
  checkOutputFolder(request.out, request.force);
  workspace.claim([...images, ...publication.others], request.out);
  const published = await publish(publication, context);
  rmSync(guestLogOf(request), { force: true });
  return published;
}

function reportScratch({ scratchDisks }: Installed, { reporter }: BuildContext): void {
  if (scratchDisks === undefined) return;
  reporter.note(`the image is the disk of a guest, and its bytes are not reproducible: ${scratchDisks.reason}`);
}

function variablesFile({ variables }: Installed): ReadyFile[] {
  return variables === undefined ? [] : [{ path: variables, name: variablesName }];
}
