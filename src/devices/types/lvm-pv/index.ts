import type { ContentType } from "../../content-type.ts";
import { lvmPvReading } from "./found.ts";
import { lvmPvChanges } from "./changes.ts";
import { type LvmPvNode, lvmPv } from "./schema.ts";
import { physicalVolumeShell } from "./shell.ts";
import { lvmPvSteps } from "./steps.ts";

/** A physical volume of LVM. */
export const lvmPvType: ContentType<LvmPvNode> = {
  schema: () => lvmPv,
  layout: { kind: "member", groupKind: "lvm_vg", group: ({ vg }) => vg },
  steps: lvmPvSteps,
  changes: lvmPvChanges,
  shell: physicalVolumeShell,
  modules: () => ["dm_mod"],
  found: lvmPvReading,
};
