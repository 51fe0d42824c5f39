import { contentTypeOf } from "../../devices/registry.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { copyCommand } from "../../guest/fill-job.ts";
import type { ContentLayout } from "../../layout/layout.ts";
import type { LaidOut } from "../../steps/setting.ts";
import type { ImagePlan, PlannedFilesystem } from "./image-plan.ts";

/** The host writes the tables of disks, and what lies in their partitions, at its place. */
export function laidOutOf(
  tree: DeviceTree,
  { layout, filesystems }: ImagePlan,
  copied: readonly string[],
): ReadonlyMap<string, LaidOut> {
  const tables = Object.entries(tree.disk).flatMap(([key, { content }]) =>
    content !== null && contentTypeOf(content).layout.kind === "table" ? [`disk.${key}.content`] : [],
  );
  const onDisks = layout.disks.flatMap(({ table, content }) => [content, ...(table?.partitions ?? []).map(contentIn)]);
  const swaps = onDisks.flatMap((content) => (content?.kind === "swap" ? [content.path] : []));
  const written = filesystems.filter(({ filesystem, plan }) => plan.madeBy === "host" && filesystem.place !== null);
  return new Map<string, LaidOut>([
    ...[...tables, ...swaps, ...written.map(pathOf)].map((path) => [path, { kind: "in place" }] as const),
    ...copied.map((path, index) => [path, { kind: "copied", argv: copyCommand(index) }] as const),
  ]);
}

function contentIn({ content }: { readonly content: ContentLayout | null }): ContentLayout | null {
  return content;
}

/** The path of a filesystem in the tree. */
export function pathOf({ filesystem }: PlannedFilesystem): string {
  return filesystem.path;
}
