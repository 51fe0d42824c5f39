import { alignColumns } from "../base/align-columns.ts";
import { endingOf } from "../image/packings/packaging.ts";
import { variantNames, variantOf } from "./registry.ts";

/** Every variant, a line each: its name, the ending of its file, its partition tables, and who takes it. */
export function variantList(): string {
  const rows = variantNames.map((name) => {
    const variant = variantOf(name);
    return [name, `.${endingOf(variant)}`, variant.partitions.join(", "), variant.target];
  });
  return alignColumns([["variant", "file", "partition", "for"], ...rows]).join("\n");
}
