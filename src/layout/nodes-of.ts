import type { ContentLayout, DeviceLayout, FilesystemLayout, GroupLayout, MemberLayout } from "./layout.ts";

/** Every filesystem that lies on a device. */
export function filesystemsOf(device: DeviceLayout): FilesystemLayout[] {
  return contentsOf(device).filter((content) => content.kind === "filesystem");
}

/** Every filesystem that a group provides or that lies on what it provides. */
export function filesystemsOfGroup(group: GroupLayout): FilesystemLayout[] {
  const own = group.filesystem === null ? [] : [group.filesystem];
  return [...own, ...contentsOfGroup(group).filter((content) => content.kind === "filesystem")];
}

/** Every member of a group that lies on a device. */
export function membersOn(device: DeviceLayout): MemberLayout[] {
  return contentsOf(device).filter((content) => content.kind === "member");
}

/** Every member of another group that lies on what a group provides. */
export function membersOnGroup(group: GroupLayout): MemberLayout[] {
  return contentsOfGroup(group).filter((content) => content.kind === "member");
}

function contentsOfGroup(group: GroupLayout): ContentLayout[] {
  const onDevice = group.device === null ? [] : contentsOf(group.device);
  return [...onDevice, ...group.volumes.flatMap(({ content }) => withInner(content))];
}

function contentsOf({ table, content }: DeviceLayout): ContentLayout[] {
  const partitions = table?.partitions ?? [];
  return [content, ...partitions.map((partition) => partition.content)].flatMap(withInner);
}

function withInner(content: ContentLayout | null): ContentLayout[] {
  if (content === null) return [];
  return content.kind === "container" ? [content, ...contentsOf(content)] : [content];
}
