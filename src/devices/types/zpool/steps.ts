import type { ZpoolNode } from "./schema.ts";
import type { Claim, ClaimedDevice } from "../../../steps/claim.ts";
import { claimedMembers, type StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Unit } from "../../tree/units.ts";
import { inOrder, type NodeSteps } from "../../../steps/node-steps.ts";
import { type CommandStep, type Guard, step } from "../../../steps/step.ts";
import { below } from "../../../steps/words.ts";
import { changeProperties, loadKey, propertyArguments, zfsMounts } from "./datasets.ts";
import { passedFsSteps, zfsFsSteps } from "../zfs-fs/steps.ts";
import { zfsVolumeSteps } from "../zfs-volume/steps.ts";
import { auxiliaryDevices, topologyPaths, topologyWords } from "./topology.ts";

/** A ZFS pool with its datasets: imported when its members know it, else made. */
export function zpoolSteps(unit: Unit, node: ZpoolNode, context: StepContext): NodeSteps {
  const { path, name } = unit;
  const { root } = context.setting;
  const imported: Guard = { kind: "succeeds", argv: ["zpool", "list", name] };
  const properties = { ...(node.mountpoint === null ? {} : { mountpoint: node.mountpoint }), ...node.rootFsOptions };
  const claim = poolClaim(unit, node, context);
  const own: NodeSteps = {
    claims: [claim],
    create: [
      importStep(unit, claim, context),
      ...changeProperties(path, name, properties),
      createStep(unit, claim, { node, properties, context }),
      loadKey(path, name),
    ],
    open: [importStep(unit, claim, context), loadKey(path, name)],
    mounts: zfsMounts({ path, dataset: name, root, properties: node.rootFsOptions, node }),
    close: [step(path, `export pool ${name}`, [imported], ["close_pool", "export", name])],
    remove: [step(path, `destroy pool ${name}`, [imported], ["close_pool", "destroy", "-f", name])],
  };
  return withHooks(node, { path, key: name, root }, inOrder([own, ...datasetSteps(unit, node, context)]));
}

/** Returns the claim of a pool. Members are known by their label; of a whole disk, that is in a partition that ZFS made. */
function poolClaim(unit: Unit, node: ZpoolNode, context: StepContext): Claim {
  const { path, name } = unit;
  const members = claimedMembers(context, "zpool", name);
  const claimed = (device: string): ClaimedDevice => members.find((one) => one.device === device) ?? { path, device };
  const auxiliary = auxiliaryDevices(unit, node, context);
  const lent = topologyPaths(node).filter((device) => !members.some((one) => one.device === device));
  return {
    thing: `pool ${name}`,
    wanted: `a member of pool ${name}`,
    devices: [...members, ...lent.map(claimed)].filter(({ device }) => !auxiliary.includes(device)),
    own: { contents: ["zfs_member", "gpt table"], owner: { argv: ["pool_of"], name } },
    ...(auxiliary.length === 0 ? {} : { auxiliary: { devices: auxiliary.map(claimed), argv: ["is_spare_or_cache"] } }),
    incomplete: { kind: "used" },
    taken: { argv: ["zpool", "list", name] },
  };
}

/** Not mounted by the import itself: what is mounted where, and in which order, is the tree's to say. */
function importStep({ path, name }: Unit, claim: Claim, { setting }: StepContext): CommandStep {
  const guards: Guard[] = [isMissing(name), { kind: "is made", claim }];
  return step(path, `import pool ${name}`, guards, ["with_own", "import_pool", name, below(setting.root, "/")]);
}

/**
 * `zpool create` mounts what it makes, where what is mounted later would hide it, and refuses a folder that holds something:
 * so what it makes can be mounted nowhere until it is there.
 */
function createStep({ path, name }: Unit, claim: Claim, { node, properties, context }: Creation): CommandStep {
  const { canmount = "on", mountpoint, ...others } = properties;
  const argv = [
    "zpool",
    "create",
    "-f",
    "-R",
    below(context.setting.root, "/"),
    ...propertyArguments("-o", node.options),
    ...propertyArguments("-O", { ...others, mountpoint: "none", canmount: "off" }),
    name,
    ...topologyWords({ path, name }, node, context),
  ];
  const place = mountpoint === undefined ? ["inherit", "mountpoint"] : ["set", `mountpoint=${mountpoint}`];
  const allow = canmount === "off" ? [] : [["zfs", "set", `canmount=${canmount}`, name]];
  return step(
    path,
    `make pool ${name}`,
    [isMissing(name), { kind: "is unmade", claim }],
    argv,
    ["zfs", ...place, name],
    ...allow,
  );
}

interface Creation {
  readonly node: ZpoolNode;
  readonly properties: Readonly<Record<string, string>>;
  readonly context: StepContext;
}

function isMissing(name: string): Guard {
  return { kind: "fails", argv: ["zpool", "list", name] };
}

/** Every dataset behind those that its path goes through; ZFS would make and mount what is missing of these itself. */
function datasetSteps(unit: Unit, node: ZpoolNode, context: StepContext): NodeSteps[] {
  const named = new Map(Object.entries(node.datasets).map(([place, dataset]) => [dataset.name, { place, dataset }]));
  const all = new Set([...named.keys()].flatMap((key) => [...passedBy(key), key]));
  return [...all].toSorted(byBytes).map((key) => {
    const found = named.get(key);
    const name = `${unit.name}/${key}`;
    if (found === undefined) return passedFsSteps({ unit, path: unit.path, name });
    const at = { unit, path: `${unit.path}.datasets.${found.place}`, key, name };
    const { dataset } = found;
    return dataset.type === "zfs_fs" ? zfsFsSteps(at, dataset, context) : zfsVolumeSteps(at, dataset, context);
  });
}

/** The datasets above one, from the outermost: of `a/b/c`, `a` and `a/b`. */
function passedBy(key: string): string[] {
  const parts = key.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
