import type { Packaging } from "../../image/packings/packaging.ts";
import type { Request } from "../../request/schema.ts";
import { variantOf } from "../../variants/registry.ts";

/** The kind of the files that a settled request makes. Pure. */
export function packagingOf({ format, compress, variant }: Request): Packaging {
  return { format, compress, archive: variant === undefined ? undefined : variantOf(variant).archive };
}
