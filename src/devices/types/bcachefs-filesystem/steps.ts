import type { BcachefsFilesystemNode } from "./schema.ts";
import type { Claim } from "../../../steps/claim.ts";
import { claimedMembers, type StepContext } from "../../steps/context.ts";
import { createWithHooks, mountWithHooks } from "../../../steps/hooks.ts";
import { sorted } from "../../tree/locate.ts";
import type { Unit } from "../../tree/units.ts";
import { mountSteps } from "../../../steps/mount.ts";
import { type MountSteps, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { mountedAside, scratchFolder } from "../../../steps/scratch.ts";
import { waitForUdev } from "../../../steps/settle.ts";
import { type Command, type CommandStep, type Guard, type Step, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";
import { below } from "../../../steps/words.ts";
import { uuidOf } from "./uuid.ts";
import { memberWords } from "./members.ts";

type Subvolume = BcachefsFilesystemNode["subvolumes"][string];

/** The filesystem that is mounted as a whole or by its subvolumes, and the folder where the system is mounted. */
interface FilesystemPlace {
  readonly path: string;
  readonly device: string;
  readonly key: string;
  readonly root: string;
}

/** A bcachefs filesystem on its members, known by its UUID. */
export function bcachefsFilesystemSteps(unit: Unit, node: BcachefsFilesystemNode, context: StepContext): NodeSteps {
  const { path, name } = unit;
  const { root } = context.setting;
  const device = `/dev/disk/by-uuid/${uuidOf(node, name)}`;
  const members = context.members.filter((member) => member.kind === "bcachefs_filesystems" && member.group === name);
  const claim = bcachefsClaim(unit, node, context);
  const words = memberWords(path, members);
  const first = members[0]?.located.device ?? device;
  const unlock = unlockSteps(node, unit, first);
  const mount = ["mount", "-t", "bcachefs", members.map(({ located }) => located.device).join(":")];
  const place = { path, device, key: name, root };
  const subvolumes = sorted(node.subvolumes).flatMap(([key, subvolume]) => subvolumeSteps(key, subvolume, place));
  const create = [
    step(
      path,
      `make a filesystem (bcachefs) named ${name}`,
      [{ kind: "is unmade", claim }],
      formatCommand(node, name, words),
      waitForUdev,
    ),
    ...unlock,
    ...mountedAside(path, mount, subvolumes),
  ];
  const mounts = mountsOf(node, place);
  return { ...noSteps, claims: [claim], create: createWithHooks(node, place, create), open: unlock, mounts };
}

/**
 * Every device of a filesystem has its UUID. Without one of them it is mounted only if the tree says so: what is written then
 * is on the others alone.
 */
function bcachefsClaim({ name }: Unit, node: BcachefsFilesystemNode, context: StepContext): Claim {
  const options = [node, ...Object.values(node.subvolumes)].flatMap(({ mountOptions }) => mountOptions);
  const isDegraded = options.some((one) => one.split(",").some((option) => /^(very_)?degraded(=|$)/.test(option)));
  const hint = "replace what is missing, or give the mount option degraded to go on without it";
  return {
    thing: `the filesystem (bcachefs) ${name}`,
    wanted: `a device of the filesystem (bcachefs) ${name}`,
    devices: claimedMembers(context, "bcachefs_filesystems", name),
    own: { contents: ["bcachefs"], owner: { argv: ["uuid_of"], name: uuidOf(node, name) } },
    incomplete: isDegraded ? { kind: "used" } : { kind: "refused", hint },
  };
}

function formatCommand(node: BcachefsFilesystemNode, name: string, words: readonly string[]): Command {
  const encrypted = node.passwordFile === null ? [] : ["--encrypted"];
  const own = splitWords(node.extraFormatArgs);
  const argv = ["bcachefs", "format", `--uuid=${uuidOf(node, name)}`, ...encrypted, ...own, ...words];
  return node.passwordFile === null ? { argv } : { argv, input: { kind: "file", path: node.passwordFile } };
}

function unlockSteps(node: BcachefsFilesystemNode, { path, name }: Unit, device: string): CommandStep[] {
  const { passwordFile } = node;
  if (passwordFile === null) return [];
  const input = { kind: "file", path: passwordFile } as const;
  const encrypted: Guard = { kind: "succeeds", argv: ["bcachefs", "unlock", "--check", device] };
  // One that is mounted has its key, and keeps its devices to itself.
  const closed: Guard = { kind: "fails", argv: ["test", "-d", `/sys/fs/bcachefs/${uuidOf(node, name)}`] };
  return [
    step(path, `unlock ${device}`, [closed, encrypted], {
      argv: ["bcachefs", "unlock", "-k", "session", device],
      input,
    }),
  ];
}

function subvolumeSteps(key: string, node: Subvolume, place: FilesystemPlace): Step[] {
  const path = `${place.path}.subvolumes.${key}`;
  const { name } = node;
  const folder = below(scratchFolder, name);
  const create = step(
    path,
    `make subvolume ${name}`,
    [{ kind: "fails", argv: ["test", "-d", folder] }],
    ["mkdir", "-p", folder.slice(0, folder.lastIndexOf("/"))],
    ["bcachefs", "subvolume", "create", folder],
  );
  return createWithHooks(node, { ...place, path, key: name }, [create]);
}

function mountsOf(node: BcachefsFilesystemNode, place: FilesystemPlace): MountSteps[] {
  const inner = sorted(node.subvolumes).map(([key, of]) => {
    return { of, place: { ...place, path: `${place.path}.subvolumes.${key}`, key: of.name } };
  });
  return [{ of: node, place }, ...inner].flatMap(({ of, place: at }) => {
    if (of.mountpoint === null) return [];
    const options = bcachefsOptions(of);
    // The kernel names all devices of a filesystem as its source.
    const mounted = ["findmnt", "--types=bcachefs", "--mountpoint", below(at.root, of.mountpoint)];
    const mount = mountSteps({ ...at, type: "bcachefs", options, mountpoint: of.mountpoint, mounted });
    return [mountWithHooks(of, at, mount)];
  });
}

/** The options by which a filesystem or a subvolume is mounted. */
export function bcachefsOptions(node: BcachefsFilesystemNode | Subvolume): string[] {
  if (node.type === "bcachefs_filesystem") return [...node.mountOptions];
  return [...node.mountOptions, `X-mount.subdir=${node.name.replace(/^\/+/, "")}`];
}
