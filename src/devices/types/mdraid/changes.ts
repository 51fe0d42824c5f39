import type { ContentChanges } from "../../changes/type-changes.ts";
import type { MdraidNode } from "./schema.ts";

/** The size of a member is its array's affair; no array gets smaller. */
export const mdraidChanges: ContentChanges<MdraidNode> = {
  compare: ({ before, after }) => ({
    properties: [],
    ...(after < before ? { refusal: "a member of an array is not made smaller" } : {}),
  }),
};
