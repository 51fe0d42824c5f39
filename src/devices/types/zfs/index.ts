import type { ContentType } from "../../content-type.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import { type ZfsNode, zfs } from "./schema.ts";
import { zfsSteps } from "./steps.ts";

/** A member of a ZFS pool. */
export const zfsType: ContentType<ZfsNode> = {
  schema: () => zfs,
  layout: { kind: "member", groupKind: "zpool", group: ({ pool }) => pool },
  steps: zfsSteps,
  modules: () => filesystemModules("zfs"),
};
