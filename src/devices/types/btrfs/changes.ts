import { compareFilesystem } from "../../changes/compare-filesystem.ts";
import type { Property } from "../../changes/difference.ts";
import { requireMounted } from "../../changes/filesystem-pair.ts";
import type {
  ChangePlace,
  Comparison,
  ContentChanges,
  ContentPair,
  PartDifference,
} from "../../changes/type-changes.ts";
import { mountedAside, scratchFolder } from "../../../steps/scratch.ts";
import { step, type Step } from "../../../steps/step.ts";
import { argumentHere } from "../../steps/argument-here.ts";
import type { StepContext } from "../../steps/context.ts";
import { plainPath } from "../../tree/taken.ts";
import type { BtrfsNode } from "./schema.ts";
import { furtherDevices } from "./steps.ts";

/** A btrfs filesystem gets subvolumes, swap files and devices, and keeps what is in it. */
export const btrfsChanges: ContentChanges<BtrfsNode> = {
  isSame: (_, found) => found.type === "btrfs" || (found.type === "filesystem" && found.format === "btrfs"),
  compare,
};

function compare(pair: ContentPair<BtrfsNode>): Comparison {
  const { wanted, found, path } = pair;
  const filesystem = compareFilesystem({ ...pair, node: wanted, there: found, format: "btrfs" });
  const there = found.type === "btrfs" ? found : { subvolumes: {}, swap: {}, extraArgs: [] };
  const parts = subvolumes(wanted, there, path);
  const lacksParts = parts.some(({ state }) => state === "missing");
  const added = furtherDevices(wanted.extraArgs).length - furtherDevices(there.extraArgs).length;
  const devices = deviceProperties(wanted, there.extraArgs);
  // What is there stays: these steps make what is missing.
  const made = ({ located, context }: ChangePlace) => (lacksParts ? context.stepsOf(located(path)).create : []);
  const adjusted = (at: ChangePlace): readonly Step[] => filesystem.steps?.adjust?.(at) ?? [];
  return {
    ...filesystem,
    properties: [...filesystem.properties, ...devices],
    ...(added < 0 ? { refusal: "a device is not taken away from it" } : {}),
    parts,
    steps:
      added > 0
        ? // Partitions of all disks are there by then.
          { ...filesystem.steps, adjust: (at) => [...addDevices(pair, at.context), ...made(at), ...adjusted(at)] }
        : { ...filesystem.steps, grow: (at) => [...(filesystem.steps?.grow?.(at) ?? []), ...made(at)] },
  };
}

/** The tree's own names of devices may not be those of the machine: so many are told from so many. */
function deviceProperties({ extraArgs }: BtrfsNode, there: readonly string[]): Property[] {
  const [from, to] = [furtherDevices(there).length + 1, furtherDevices(extraArgs).length + 1];
  return from === to
    ? []
    : [{ name: "devices", from: String(from), to: String(to), change: to > from ? "additive" : "destructive" }];
}

/** A device that is one of it already is left alone, so that this goes on from where it was. */
function addDevices({ wanted, path, device, facts }: ContentPair<BtrfsNode>, { deviceNames }: StepContext): Step[] {
  const [mountpoint = scratchFolder] = facts.usedAt;
  const adding = furtherDevices(wanted.extraArgs)
    .map((one) => argumentHere(one, deviceNames))
    .map((one) =>
      step(
        path,
        `add ${one} to the filesystem (btrfs) on ${device}`,
        [{ kind: "is empty", device: one }],
        ["refuse_bytes", one],
        requireMounted("btrfs", device, mountpoint),
        ["btrfs", "device", "add", one, mountpoint],
      ),
    );
  return facts.usedAt.length > 0 ? adding : mountedAside(path, ["mount", "-t", "btrfs", device], adding);
}

type Subvolumes = Pick<BtrfsNode, "subvolumes" | "swap">;

function subvolumes(wanted: Subvolumes, there: Subvolumes, path: string): PartDifference[] {
  const found = new Map(Object.entries(there.subvolumes).map(([key, node]) => [plainPath(node.name), { key, node }]));
  const own = Object.entries(wanted.subvolumes).map(([key, node]): PartDifference => {
    const name = plainPath(node.name);
    const other = found.get(name);
    found.delete(name);
    const lacksFile = Object.keys(node.swap).some((file) => other?.node.swap[file] === undefined);
    const state = other === undefined || lacksFile ? "missing" : "same";
    return { path: `${path}.subvolumes.${key}`, what: `subvolume ${name}`, state, properties: [] };
  });
  const extra = [...found].map(([name, { key }]): PartDifference => {
    return { path: `${path}.subvolumes.${key}`, what: `subvolume ${name}`, state: "extra", properties: [] };
  });
  const files = Object.keys(wanted.swap)
    .filter((file) => there.swap[file] === undefined)
    .map((file): PartDifference => ({
      path: `${path}.swap.${file}`,
      what: `swap file ${file}`,
      state: "missing",
      properties: [],
    }));
  return [...own, ...files, ...extra];
}
