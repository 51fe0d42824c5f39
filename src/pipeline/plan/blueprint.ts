import { decideEngine, type Engine } from "../../bootloaders/engine.ts";
import type { HostInstaller } from "../../bootloaders/host-installer.ts";
import { presetTree } from "../../devices/presets/presets.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import { type Identity, identityFrom } from "../../base/identity.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { badRequest } from "../../request/parse.ts";
import { contradictionsWithPreset, contradictionsWithTree } from "../../request/rules.ts";
import { installsBootLoader } from "../../request/whole-system.ts";
import type { Request } from "../../request/schema.ts";
import { bootMountsOf } from "./boot-mounts.ts";
import { unbuildable } from "./buildable-tree.ts";
import { unnameable } from "./device-rules.ts";
import { passwordPaths } from "./passwords.ts";
import type { DiskShape } from "./disk-shape.ts";
import { fitTree } from "./fit-tree.ts";
import { withImageSizes } from "./image-sizes.ts";
import { hearConfiguration } from "./hear-configuration.ts";
import { keysToGive } from "./require-keys.ts";
import { seedOf } from "./seed.ts";
import { settlePreset } from "./settle-preset.ts";
import { settleVariant } from "./settle-variant.ts";
import type { ImageSource } from "./source.ts";

/** Where a bootloader is installed; `none`: nowhere, since there is nothing to install, or nothing was to be. */
type BootEngine = Engine | ForeseenEngine | { readonly engine: "none"; readonly reason: string };

/** The system's own `nixos-install`. What it will write is known before where the host could do it. */
interface ForeseenEngine {
  readonly engine: "nixos-install";
  readonly reason: string;
  readonly installer: HostInstaller | undefined;
}

/** Everything about a build that is decided before anything is solved or written. */
export interface Blueprint {
  /** The request, in which the system's choices stand where it left something open. */
  readonly request: Request;
  readonly source: ImageSource;
  readonly tree: DeviceTree;
  readonly seed: string;
  readonly identity: Identity;
  /** SOURCE_DATE_EPOCH. */
  readonly time: number;
  readonly boot: BootEngine;
  /** Where the passwords of containers are in a guest, by the containers' names. */
  readonly passwords: ReadonlyMap<string, string>;
  /** The choices of the system, with the reasons: lines for the user. */
  readonly notes: readonly string[];
}

/** The input that decides a build, besides the request and the system. */
interface BlueprintOptions {
  /** SOURCE_DATE_EPOCH. */
  readonly time: number;
  /** Taken where the request is not deterministic. */
  readonly randomSeed: string;
  /** Those that the system is built straight onto, in the order of the tree; undefined for image files. */
  readonly disks: readonly DiskShape[] | undefined;
}

/**
 * Decides what a build does. Pure.
 *
 * @throws MkimageError BAD_REQUEST when the request and the system do not go together.
 */
export function drawBlueprint(
  asked: Request,
  source: ImageSource,
  { time, randomSeed, disks }: BlueprintOptions,
): Blueprint {
  const heard = hearConfiguration(asked, source.settings, disks !== undefined);
  const { tree: wanted, request, notes } = settle(heard.request, source);
  const tree = disks === undefined ? wanted : fitTree(wanted, disks);
  const seed = request.deterministic ? seedOf(request, source.roots) : randomSeed;
  const boot = bootEngineOf(request, source, tree);
  const passwords = passwordPaths(request);
  return {
    request,
    source,
    tree,
    seed,
    identity: identityFrom(seed),
    time,
    boot,
    passwords,
    notes: [...heard.notes, ...notes],
  };
}

/** The request and the tree of its disks, with what the user left open filled in. */
function settle(request: Request, source: ImageSource): Pick<Blueprint, "request" | "tree" | "notes"> {
  if (source.tree !== undefined) {
    refuseFaults(contradictionsWithTree(request));
    return { request, tree: ownTree(source.tree, request), notes: [] };
  }
  const ofVariant = settleVariant(request, source);
  const { options, ...settled } = settlePreset(ofVariant.request, request.onlyNixStore ? undefined : source.system);
  refuseFaults(contradictionsWithPreset(settled.request));
  return { ...settled, tree: presetTree(options), notes: [...ofVariant.notes, ...settled.notes] };
}

function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw badRequest(faults);
}

/**
 * A tree of the user's own, with the sizes that the request has for its disks.
 *
 * @throws MkimageError BAD_REQUEST when no image can be made of it, or a size is for a disk that it does not have.
 */
function ownTree(tree: DeviceTree, request: Request): DeviceTree {
  const faults = [...unbuildable(tree), ...(request.diskoScript === undefined ? [] : unnameable(tree))];
  if (faults.length > 0) {
    throw new MkimageError("BAD_REQUEST", "no image can be made of this device tree", {
      details: [...faults, ...keysToGive({ tree, request })],
      hint: "mkimage disko makes every type on a machine, where it asks for passwords too",
    });
  }
  return withImageSizes(tree, request.imageSize);
}

function bootEngineOf(request: Request, source: ImageSource, tree: DeviceTree): BootEngine {
  const { system, namedOwners } = source;
  if (request.installer === "nixos-install") return foreseenEngine(request, source, tree);
  if (namedOwners.length > 0 && system !== undefined) return ownersNeedGuest(request, namedOwners[0]?.user ?? "");
  if (system === undefined) return { engine: "none", reason: "there is no system whose bootloader could be installed" };
  if (!installsBootLoader(request)) return { engine: "none", reason: "no bootloader was asked for" };
  if (system.installer.kind === "none") return { engine: "none", reason: system.installer.reason };
  const { engine, touchEfiVars } = request;
  return decideEngine({ engine, touchEfiVars, mounts: bootMountsOf(tree) }, system.installer);
}

function foreseenEngine(request: Request, { system }: ImageSource, tree: DeviceTree): BootEngine {
  if (system === undefined || !installsBootLoader(request))
    return { engine: "none", reason: "no bootloader was asked for" };
  const { engine } = request;
  const own =
    system.installer.kind === "none"
      ? undefined
      : decideEngine({ engine, touchEfiVars: false, mounts: bootMountsOf(tree) }, system.installer);
  return {
    engine: "nixos-install",
    reason: "it has the system install its own, in a guest",
    installer: own?.engine === "host" ? own.installer : undefined,
  };
}

function ownersNeedGuest(request: Request, user: string): BootEngine {
  const reason = `only the system itself knows the number of the user ${user}, who is to own some of the contents`;
  if (request.engine !== "host") return { engine: "guest", reason };
  throw new MkimageError("BAD_REQUEST", `the host cannot do without a guest: ${reason}`, {
    hint: "use --engine auto, or give the owners as numbers",
  });
}
