import type { ContentType } from "../../content-type.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import { type BcachefsNode, bcachefs } from "./schema.ts";
import { bcachefsSteps } from "./steps.ts";

/** A member of a bcachefs filesystem. */
export const bcachefsType: ContentType<BcachefsNode> = {
  schema: () => bcachefs,
  layout: { kind: "member", groupKind: "bcachefs_filesystems", group: ({ filesystem }) => filesystem },
  steps: bcachefsSteps,
  modules: () => filesystemModules("bcachefs"),
};
