import { mapperPath } from "../../../layout/partition-path.ts";
import { type Located, onDevice } from "../../tree/locate.ts";
import type { LuksNode } from "./schema.ts";

/** Returns the content of a container, at the device of the opened container. */
export function insideLuks({ node, path }: Located<LuksNode>): Located[] {
  return onDevice(node.content, `${path}.content`, mapperPath(node.name), { type: "luks", key: node.name });
}
