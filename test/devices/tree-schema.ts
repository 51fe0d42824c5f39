import * as z from "zod";
import { deviceTree } from "../../src/devices/device-tree.ts";

/** The JSON Schema (2020-12) of a device tree. */
export function deviceTreeJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(deviceTree, { io: "input", reused: "ref" });
}
