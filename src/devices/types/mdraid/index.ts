import type { ContentType } from "../../content-type.ts";
import { mdraidReading } from "./found.ts";
import { mdraidChanges } from "./changes.ts";
import { type MdraidNode, mdraid } from "./schema.ts";
import { mdraidSteps } from "./steps.ts";

/** A member of an md array. */
export const mdraidType: ContentType<MdraidNode> = {
  schema: () => mdraid,
  layout: { kind: "member", groupKind: "mdadm", group: ({ name }) => name },
  steps: mdraidSteps,
  found: mdraidReading,
  changes: mdraidChanges,
};
