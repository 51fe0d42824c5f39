import type { Architecture } from "../guest/architecture.ts";
import { type ScriptJob, scriptJob, type ScriptRequest } from "../guest/script-job.ts";
import { programSource } from "../guest/toolbox/program-source.ts";
import type { Toolbox } from "../guest/toolbox/toolbox.ts";
import { byteString } from "../base/byte-string.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { guestRoot } from "./plan/guest-share.ts";
import { type IsPrivate, privateTo } from "./plan/private-files.ts";
import { availableTools } from "./plan/guest-tools.ts";
import type { DiskMaker } from "./plan/recipe.ts";
import type { Script } from "./plan/source.ts";
import type { ScriptShare } from "./plan/script-share.ts";
import { modulesOf } from "../devices/steps/needed-modules.ts";
import { renderScript } from "../devices/steps/script.ts";
import { storePathOf } from "../nix/store-path.ts";
import type { BuildContext } from "./context.ts";
import { SourceDisk } from "./filling-disks.ts";
import { readGuestSecrets } from "./guest-secrets.ts";
import { privateContents } from "./private-contents.ts";
import { kernelRequest } from "./run-job.ts";
import { toolboxPathOf } from "./toolbox-path.ts";

/** The job and tools with which a guest runs an external script. */
interface ReadyScript extends ScriptJob {
  readonly toolbox: Toolbox;
  readonly folder: string;
  readonly source: SourceDisk;
  readonly isPrivate: IsPrivate;
}

interface Site {
  readonly architecture: Architecture;
  readonly folder: string;
}

/**
 * Gets the tools and the job for a script ready. One in the store comes with its closure; any other finds the toolbox's
 * programs in PATH.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST or NOT_A_SYSTEM where no kernel has what it takes.
 */
export async function getScriptReady(
  { script, tools }: Pick<Extract<DiskMaker, { by: "script" }>, "script" | "tools">,
  blueprint: Blueprint,
  share: ScriptShare,
  { architecture, folder }: Site,
  { signal, guests }: BuildContext,
): Promise<ReadyScript> {
  const { request, source } = blueprint;
  const storePath = toolboxPathOf(request);
  const toolbox = await guests.openToolbox(availableTools(tools, programSource(storePath)), {
    executables: [script.path],
    storePaths: [storePathOf(script.path) ?? [], tools.storePaths ?? []].flat(),
    architecture,
    storePath,
    closureInfo: request.closureInfo,
    workFolder: folder,
    signal,
  });
  const job = scriptJob(scriptRequestOf(script, blueprint, share), toolbox);
  guests.chooseKernel({ ...kernelRequest(request, source.system?.toplevel), needs: job.job.modules ?? [] });
  return { ...job, toolbox, folder, source: new SourceDisk(folder), isPrivate: privateTo(source.privateSources) };
}

function scriptRequestOf(script: Script, { request, source, tree }: Blueprint, share: ScriptShare): ScriptRequest {
  const secrets = readGuestSecrets(request);
  const contents = privateContents(share.folders, privateTo(source.privateSources));
  const isInStore = storePathOf(script.path) !== undefined;
  return {
    argv: [isInStore ? script.path : `/job/${brought}`, ...answers(script)],
    rules: share.rules,
    required: share.required,
    close: renderScript(share.close),
    root: guestRoot,
    mountpoints: share.folders.map(({ mountpoint }) => mountpoint),
    contents: contents.map(({ content }) => content),
    modules: modulesOf(tree),
    preparation: secrets.steps,
    files: isInStore ? [] : [{ path: byteString(brought), bytes: Buffer.from(script.text, "latin1"), mode: 0o755 }],
    secrets: [...secrets.files, ...contents.map(({ file }) => file)],
  };
}

/** Where a script that is not in the store is in the job's folder. */
const brought = "disko-script";

/** Nobody is there to be asked. */
function answers({ text }: Script): string[] {
  return text.includes(wipeFlag) ? [wipeFlag] : [];
}

const wipeFlag = "--yes-wipe-all-disks";
