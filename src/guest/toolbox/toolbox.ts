import { accessSync, constants, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { surveyExt4 } from "../../filesystems/ext4/ext4.ts";
import { writeRaw } from "../../image/raw.ts";
import { cacheFolder } from "../../runtime/cache-folder.ts";
import { makeFolder } from "../../runtime/make-folder.ts";
import type { Tool } from "../../runtime/tools.ts";
import { versionQuestion } from "../../runtime/version-question.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import { architectures, type Architecture } from "../architecture.ts";
import type { JobStep } from "../job.ts";
import type { Disk } from "../qemu.ts";
import { fingerprint, type Inventory, type InventoryRequest, takeInventory } from "./inventory.ts";
import { markUsed, removeOldToolboxes } from "./old-toolboxes.ts";
import { toolboxTree } from "./tree.ts";

/** The tools of a guest, as a disk. */
export interface Toolbox {
  readonly disk: Disk;
  /** The first steps of a job that uses it: they open it, and ask each tool once whether it runs. */
  readonly steps: readonly JobStep[];
  /** The kernel modules that the steps need. */
  readonly modules: readonly string[];
  /** Says that the steps have succeeded, so that no later job has to ask again. */
  markProven(): void;
}

/** Which tools, from where, and what comes along with them. */
interface ToolboxOptions extends Omit<InventoryRequest, "tools"> {
  readonly architecture: Architecture;
  /** Where it is made if the user's cache folder cannot be written to. */
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
  /** Default: the user's. */
  readonly cacheFolder?: string;
}

const serial = "mkimage-toolbox";

/** The path of a tool in a guest that has opened its toolbox. */
export function toolboxPath(tool: Tool): string {
  return `/toolbox/bin/${tool}`;
}

/**
 * The disk with these tools, and with all that they cannot do without; made where it is not in the cache yet. Any number of
 * processes may ask for it at once.
 *
 * @throws MkimageError MISSING_TOOL; BAD_REQUEST when the guest's processor is not this machine's; INTERRUPTED.
 */
export async function openToolbox(tools: readonly Tool[], options: ToolboxOptions): Promise<Toolbox> {
  if (options.storePath === undefined) refuseOtherProcessor(options.architecture, tools);
  const inventory = await takeInventory({ ...options, tools }, options.signal);
  const folder = usableFolder(options);
  const path = join(folder, `toolbox-${fingerprint(inventory)}`);
  if (existsSync(path)) markUsed(path);
  else await writeToolbox(inventory, path, folder, options.signal);
  const proof = `${path}.proven`;
  return {
    disk: { path, format: "raw", serial, access: "read-only" },
    steps: [openingStep, ...(existsSync(proof) ? [] : [...new Set(tools)].toSorted().flatMap(provingStep))],
    modules: ["ext4"],
    markProven: () => writeFileSync(proof, ""),
  };
}

const openingStep: JobStep = { title: "open the toolbox", argv: ["/vm/open-toolbox", serial] };

function provingStep(tool: Tool): JobStep[] {
  const question = versionQuestion(tool);
  return question === undefined ? [] : [{ title: `try ${tool}`, argv: [toolboxPath(tool), ...question] }];
}

function usableFolder(options: ToolboxOptions): string {
  const folder = options.cacheFolder ?? cacheFolder();
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return options.workFolder;
  }
}

/** It is made aside and renamed: whoever sees it sees it whole. */
async function writeToolbox(inventory: Inventory, path: string, folder: string, signal?: AbortSignal): Promise<void> {
  removeOldToolboxes(folder);
  const tree = await toolboxTree(inventory);
  const options = { uuid: toolboxUuid, hashSeed: toolboxUuid, label: "toolbox", time: 1 };
  const surveyed = surveyExt4(tree, options);
  const plan = surveyed.plan(surveyed.smallestSize(0));
  const workspace = await openWorkspace(folder);
  try {
    const unfinished = join(workspace.folder, "toolbox");
    await writeRaw({ size: plan.size, extents: plan.extents() }, unfinished, { signal });
    renameSync(unfinished, path);
  } finally {
    workspace.remove();
  }
}

const toolboxUuid = "6d6b696d-6167-4574-8f6f-6c626f780001";

function refuseOtherProcessor(architecture: Architecture, tools: readonly Tool[]): void {
  if (architectures[architecture].nodeName === process.arch) return;
  const names = tools.join(", ");
  throw new MkimageError(
    "BAD_REQUEST",
    `${names} of this machine (${process.arch}) do not run in a guest of ${architecture}`,
    {
      hint: `give those of ${architecture} as a store path: --toolbox /nix/store/…, such as a buildEnv of their packages`,
    },
  );
}
