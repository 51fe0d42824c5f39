import { contentTypeOf } from "../../devices/registry.ts";
import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import type { Tool } from "../../runtime/tools.ts";
import type { Blueprint } from "./blueprint.ts";
import { hasCreateHooks } from "./create-hooks.ts";
import { type GuestTools, scriptTools, shareTools } from "./guest-tools.ts";
import { type GuestShare, guestShareOf } from "./guest-share.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { InstalledSystem, OwnInstaller, Script } from "./source.ts";

/** The division of a build's work, decided once, when the image is planned. Each strategy that it names is a file. */
export interface Recipe {
  readonly disks: DiskMaker;
  readonly bootloader: BootloaderInstaller;
  /** The guests that run, in this order. */
  readonly guests: readonly RecipeGuest[];
}

/** The maker of the disks. Disks that the host does not make are published as a guest leaves them, for the given reason. */
export type DiskMaker =
  | { readonly by: "host" }
  | { readonly by: "guest"; readonly reason: string; readonly share: GuestShare; readonly tools: GuestTools }
  | { readonly by: "script"; readonly reason: string; readonly script: Script; readonly tools: GuestTools }
  | NixosInstall;

/** The system's own installer, on disks that a script or our steps have made and mounted. */
interface NixosInstall {
  readonly by: "nixos-install";
  readonly reason: string;
  readonly installer: OwnInstaller;
  readonly system: InstalledSystem;
  readonly making: { readonly script: Script } | { readonly share: GuestShare };
  readonly tools: GuestTools;
}

/** The installer of the bootloader, with the reason. */
type BootloaderInstaller =
  | { readonly by: "nobody" | "host" | "nixos-install"; readonly reason: string }
  | { readonly by: "guest"; readonly reason: string; readonly system: InstalledSystem };

/** A machine that is booted for a build. */
interface RecipeGuest {
  /** Its tasks, in this order. */
  readonly work: readonly ("make the disks" | "run the script" | "install the bootloader" | "run nixos-install")[];
  /** The programs that it has to be given. */
  readonly tools: readonly Tool[];
}

/** The recipe of a planned image. Pure. */
export function recipeOf(blueprint: Blueprint, plan: ImagePlan): Recipe {
  const disks = diskMakerOf(blueprint, plan);
  const bootloader = bootloaderInstallerOf(blueprint);
  return { disks, bootloader, guests: guestsOf(disks, bootloader) };
}

function diskMakerOf(blueprint: Blueprint, plan: ImagePlan): DiskMaker {
  const { source, tree } = blueprint;
  if (source.ownInstaller !== undefined && source.system !== undefined)
    return nixosInstall(blueprint, plan, source.ownInstaller, source.system);
  if (source.script !== undefined) {
    const { script } = source;
    return { by: "script", reason: `${script.path} has made it`, script, tools: scriptTools(script, tree) };
  }
  const reason = whyGuest(tree, plan);
  if (reason === undefined) return { by: "host" };
  const share = guestShareOf(blueprint, plan);
  return { by: "guest", reason, share, tools: shareTools(share) };
}

function nixosInstall(
  blueprint: Blueprint,
  plan: ImagePlan,
  installer: OwnInstaller,
  system: InstalledSystem,
): NixosInstall {
  const { source, tree } = blueprint;
  const { script } = source;
  const making: NixosInstall["making"] = script === undefined ? { share: guestShareOf(blueprint, plan) } : { script };
  const makingTools = "share" in making ? shareTools(making.share) : scriptTools(making.script, tree);
  const needed = [...new Set([...makingTools.needed, ...installer.tools])];
  const tools = { ...makingTools, needed, storePaths: installer.storePaths };
  const reason = "nixos-install has installed the system on it";
  return { by: "nixos-install", reason, installer, system, making, tools };
}

/** Why the host cannot make an image alone: for what it lays out itself, shell lines of the user's run on a machine. */
function whyGuest(tree: DeviceTree, { layout, filesystems }: ImagePlan): string | undefined {
  const kinds = new Set(filesystems.flatMap(({ plan }) => (plan.madeBy === "guest" ? [plan.kind] : [])));
  if (kinds.size > 0) return `${[...kinds].join(" and ")} filesystems are filled by a guest's kernel`;
  if (hasCreateHooks(tree)) return "shell lines of its device tree run in a guest";
  const hasContainers =
    layout.groups.length > 0 ||
    filesystems.some(({ filesystem }) => filesystem.place === null) ||
    contentsOf(tree).some(({ node }) => contentTypeOf(node).layout.kind === "container");
  return hasContainers ? "its containers are made in a guest" : undefined;
}

function bootloaderInstallerOf({ boot: { engine, reason }, source: { system } }: Blueprint): BootloaderInstaller {
  if (engine === "guest" && system !== undefined) return { by: "guest", reason, system };
  return { by: engine === "host" || engine === "nixos-install" ? engine : "nobody", reason };
}

/** An installer runs on a copy, whose disks are made as the final ones are. */
function guestsOf(disks: DiskMaker, bootloader: BootloaderInstaller): RecipeGuest[] {
  const installing = bootloader.by === "guest" ? (["install the bootloader"] as const) : [];
  const tools = disks.by === "host" ? [] : disks.tools.needed;
  if (disks.by === "nixos-install")
    return [{ work: ["share" in disks.making ? "make the disks" : "run the script", "run nixos-install"], tools }];
  if (disks.by === "script") return [{ work: ["run the script", ...installing], tools }];
  const making = disks.by === "guest" ? (["make the disks"] as const) : [];
  const trial = { work: [...making, ...installing], tools };
  return [...(installing.length === 0 ? [] : [trial]), ...(making.length === 0 ? [] : [{ work: making, tools }])];
}
