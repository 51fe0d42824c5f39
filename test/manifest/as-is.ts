import type { ReadRules } from "../../src/manifest/read-rules.ts";

/** Everything as it is on this machine. */
export const asIs: ReadRules = {
  owner: "as-is",
  modes: "as-is",
  times: "as-is",
  links: "keep",
  holes: "keep",
  xattrs: "keep",
};
