import type { ZpoolNode } from "../../devices/zpool.ts";
import { type StepContext, memberDevices } from "../context.ts";
import { withHooks } from "../hooks.ts";
import { type Unit, sorted } from "../located.ts";
import { inOrder, type NodeSteps, noSteps } from "../node-steps.ts";
import { type CommandStep, type Guard, step } from "../step.ts";
import { below } from "../words.ts";
import { propertyArguments, zfsMounts } from "../zfs.ts";
import { zfsFsSteps } from "./zfs-fs.ts";
import { zfsVolumeSteps } from "./zfs-volume.ts";
import { topologyWords } from "./zpool-topology.ts";

/** A ZFS pool with its datasets: imported when its members know it, else made. */
export function zpoolSteps(unit: Unit, node: ZpoolNode, context: StepContext): NodeSteps {
  const { path, name } = unit;
  const { root } = context.setting;
  const imported: Guard = { kind: "succeeds", argv: ["zpool", "list", name] };
  const own: NodeSteps = {
    claims: [],
    create: [importStep(unit, context), createStep(unit, node, context)],
    open: [importStep(unit, context)],
    mounts: zfsMounts({ path, dataset: name, root, properties: node.rootFsOptions, node }),
    close: [step(path, `export pool ${name}`, [imported], ["zpool", "export", name])],
    remove: [step(path, `destroy pool ${name}`, [imported], ["zpool", "destroy", "-f", name])],
  };
  const datasets = sorted(node.datasets).map(([key, dataset]) => {
    const at = { unit, path: `${path}.datasets.${key}`, name: `${name}/${dataset.name ?? key}` };
    return dataset.type === "zfs_fs" ? zfsFsSteps(at, dataset, context) : zfsVolumeSteps(at, dataset, context);
  });
  return withHooks(node, { path, name, root }, inOrder([{ ...noSteps, ...own }, ...datasets]));
}

/** Not mounted by the import itself: what is mounted where, and in which order, is the tree's to say. */
function importStep({ path, name }: Unit, context: StepContext): CommandStep {
  const missing: Guard = { kind: "fails", argv: ["zpool", "list", name] };
  const members = memberDevices(context, "zpool", name);
  const known = members.slice(0, 1).map((device): Guard => {
    return {
      kind: "prints",
      argv: ["blkid", "--probe", "--match-tag", "TYPE", "--output", "value", device],
      text: "zfs_member",
    };
  });
  const argv = ["zpool", "import", "-f", "-N", "-l", "-R", below(context.setting.root, "/"), name];
  return step(path, `import pool ${name}`, [missing, ...known], argv);
}

function createStep(unit: Unit, node: ZpoolNode, context: StepContext): CommandStep {
  const { path, name } = unit;
  const mountpoint = node.mountpoint ?? node.rootFsOptions["mountpoint"] ?? "none";
  const argv = [
    "zpool",
    "create",
    "-f",
    "-R",
    below(context.setting.root, "/"),
    ...propertyArguments("-o", node.options),
    ...propertyArguments("-O", { mountpoint, ...node.rootFsOptions }),
    name,
    ...topologyWords(unit, node, context),
  ];
  return step(path, `make pool ${name}`, [{ kind: "fails", argv: ["zpool", "list", name] }], argv);
}
