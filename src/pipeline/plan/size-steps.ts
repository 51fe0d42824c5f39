import { MiB } from "../../base/units.ts";
import type { SizeSteps } from "../../layout/request.ts";
import type { Request } from "../../request/schema.ts";
import { variantOf } from "../../variants/registry.ts";

/** The sizes that the disk of an image variant can have. Pure. */
export function sizeStepsOf({ variant }: Request): SizeSteps | undefined {
  if (variant === undefined) return undefined;
  const { alignment = MiB, leastSize = 0 } = variantOf(variant);
  return { multiple: alignment, least: leastSize };
}
