import { mapperPath } from "../../../layout/partition-path.ts";
import { type Located, onDevice } from "../../tree/locate.ts";
import type { LuksNode } from "./schema.ts";

/** What lies in a container, at the device that it is when it is opened. */
export function insideLuks({ node, path }: Located<LuksNode>): Located[] {
  return onDevice(node.content, `${path}.content`, mapperPath(node.name), { type: "luks", key: node.name });
}
