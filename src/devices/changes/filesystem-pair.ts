import { filesystemOf } from "../../filesystems/registry.ts";
import type { DeviceContent } from "../content.ts";
import type { ChangeSteps, Comparison, ContentPair } from "./type-changes.ts";

/** A node that is one filesystem on its device. */
export interface FilesystemPair extends Pick<
  ContentPair<DeviceContent>,
  "path" | "facts" | "device" | "before" | "after"
> {
  readonly format: string;
  readonly node: {
    readonly label: string | null;
    readonly uuid: string | null;
    readonly extraArgs: readonly string[];
    readonly mountpoint: string | null;
    readonly mountOptions: readonly string[];
  };
  readonly there: DeviceContent;
}

/** The difference of one thing of it, and the steps that make it up. */
export type PartialComparison = Comparison & { readonly steps?: ChangeSteps };

/** Nothing differs. */
export const noChange: PartialComparison = { properties: [] };

/** The command before one that reaches a filesystem by where it is mounted: another one may have been mounted over it. */
export function requireMounted(format: string, device: string, mountpoint: string): readonly string[] {
  const own = filesystemOf(format).changes?.requireMounted?.(device, mountpoint);
  return own ?? ["require_mounted", device, mountpoint];
}
