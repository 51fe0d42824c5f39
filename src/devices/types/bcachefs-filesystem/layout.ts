import { uuidOf } from "./uuid.ts";
import type { BcachefsFilesystemNode } from "./schema.ts";
import { mountsWithSubvolumes } from "../../tree/mount.ts";
import type { GroupPlan } from "../../../layout/group.ts";
import type { FilesystemLayout } from "../../../layout/layout.ts";
import type { Solver } from "../../layout/solver.ts";
import { type Bytes, formatSize } from "../../../base/units.ts";

/** Plans a bcachefs filesystem. Its members hold their superblocks inside what counts as the filesystem's own need. */
export function planBcachefs(key: string, node: BcachefsFilesystemNode, solver: Solver): GroupPlan {
  const path = `bcachefs_filesystems.${key}`;
  const { name } = node;
  const filesystem = describe(node, name, path);
  let known: Bytes | undefined;
  const need = () => (known ??= solver.request.needs({ ...filesystem, sectorSize: 512, fixedSize: null }));
  return {
    kind: "bcachefs_filesystems",
    name,
    faultAt: (sizes) => (sum(sizes) >= need() ? undefined : `bcachefs filesystem ${name} needs ${formatSize(need())}`),
    layOut: (members) => {
      const size = sum(members.map((member) => member.size));
      const paths = members.map((member) => member.path);
      return {
        kind: "bcachefs_filesystems",
        technology: "bcachefs",
        path,
        name,
        size,
        members: paths,
        device: null,
        filesystem: { ...filesystem, size },
        volumes: [],
        free: 0,
      };
    },
  };
}

function describe(node: BcachefsFilesystemNode, name: string, path: string): Omit<FilesystemLayout, "size"> {
  return {
    kind: "filesystem",
    path,
    place: null,
    format: "bcachefs",
    label: null,
    uuid: uuidOf(node, name),
    mountpoint: node.mountpoint,
    mountpoints: mountsWithSubvolumes(node, path).map(({ mountpoint }) => mountpoint),
    mountOptions: node.mountOptions,
    extraArgs: node.extraFormatArgs,
  };
}

function sum(sizes: readonly Bytes[]): Bytes {
  return sizes.reduce((total, size) => total + size, 0);
}
