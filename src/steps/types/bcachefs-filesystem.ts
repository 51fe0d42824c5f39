import { createHash } from "node:crypto";
import type { BcachefsFilesystemNode } from "../../devices/bcachefs-filesystem.ts";
import type { StepContext } from "../context.ts";
import { createWithHooks, mountWithHooks } from "../hooks.ts";
import { type Unit, sorted } from "../located.ts";
import { mountSteps } from "../mount.ts";
import { type MountSteps, type NodeSteps, noSteps } from "../node-steps.ts";
import { mountedAside, scratchFolder } from "../scratch.ts";
import { waitForUdev } from "../settle.ts";
import { type Command, type CommandStep, type Guard, step } from "../step.ts";
import { splitWords } from "../../devices/split-words.ts";
import { below } from "../words.ts";

/** A bcachefs filesystem on its members, known by its UUID. */
export function bcachefsFilesystemSteps(unit: Unit, node: BcachefsFilesystemNode, context: StepContext): NodeSteps {
  const { path, name } = unit;
  const { root } = context.setting;
  const device = `/dev/disk/by-uuid/${uuidOf(node, name)}`;
  const members = context.members.filter((member) => member.kind === "bcachefs_filesystems" && member.group === name);
  const empty = members.map(({ located }): Guard => ({ kind: "is empty", device: located.device }));
  const words = members.flatMap(({ located: { node: member, device: one } }) => {
    if (member.type !== "bcachefs") return [];
    return [...splitWords(member.extraFormatArgs), ...(member.label === "" ? [] : [`--label=${member.label}`]), one];
  });
  const first = members[0]?.located.device ?? device;
  const unlock = unlockSteps(node, path, first);
  const mount = ["mount", "-t", "bcachefs", members.map(({ located }) => located.device).join(":")];
  const subvolumes = sorted(node.subvolumes).map(([key, subvolume]) => subvolumeStep(path, subvolume.name ?? key));
  const create = [
    step(path, `make a filesystem (bcachefs) named ${name}`, empty, formatCommand(node, name, words), waitForUdev),
    ...unlock,
    ...mountedAside(path, mount, subvolumes),
  ];
  const place = { path, device, name, root };
  const mounts = mountsOf(node, place);
  return { ...noSteps, create: createWithHooks(node, place, create), open: unlock, mounts };
}

/** disko's rule: the UUID follows from the name. */
export function uuidOf({ uuid }: BcachefsFilesystemNode, name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return (uuid ?? groups.join("-")).toLowerCase();
}

function formatCommand(node: BcachefsFilesystemNode, name: string, words: readonly string[]): Command {
  const encrypted = node.passwordFile === null ? [] : ["--encrypted"];
  const own = splitWords(node.extraFormatArgs);
  const argv = ["bcachefs", "format", `--uuid=${uuidOf(node, name)}`, ...encrypted, ...own, ...words];
  return node.passwordFile === null ? { argv } : { argv, input: { kind: "file", path: node.passwordFile } };
}

function unlockSteps({ passwordFile }: BcachefsFilesystemNode, path: string, device: string): CommandStep[] {
  if (passwordFile === null) return [];
  const input = { kind: "file", path: passwordFile } as const;
  const locked: Guard = { kind: "succeeds", argv: ["bcachefs", "unlock", "--check", device] };
  return [step(path, `unlock ${device}`, [locked], { argv: ["bcachefs", "unlock", device], input })];
}

function subvolumeStep(path: string, name: string): CommandStep {
  const folder = below(scratchFolder, name);
  return step(
    `${path}.subvolumes.${name}`,
    `make subvolume ${name}`,
    [{ kind: "fails", argv: ["test", "-d", folder] }],
    ["mkdir", "-p", folder.slice(0, folder.lastIndexOf("/"))],
    ["bcachefs", "subvolume", "create", folder],
  );
}

function mountsOf(node: BcachefsFilesystemNode, place: { path: string; device: string; root: string }): MountSteps[] {
  const own = node.mountpoint === null ? [] : [{ of: node, mountpoint: node.mountpoint, options: node.mountOptions }];
  const inner = sorted(node.subvolumes).flatMap(([key, of]) => {
    const options = [...of.mountOptions, `X-mount.subdir=${of.name ?? key}`];
    return of.mountpoint === null ? [] : [{ of, mountpoint: of.mountpoint, options }];
  });
  return [...own, ...inner].map(({ of, mountpoint, options }) =>
    mountWithHooks(of, place, mountSteps({ ...place, type: "bcachefs", options, mountpoint })),
  );
}
