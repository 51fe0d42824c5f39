import { sharedThings } from "../base/shared-things.ts";
import { MkimageError } from "../base/errors.ts";
import type { ContentLayout, DeviceLayout, Layout } from "./layout.ts";

/**
 * Refuses a layout in which two partitions of GPTs have one name, by which the installed system finds them.
 *
 * @throws MkimageError BAD_REQUEST with each name, and where the partitions stand.
 */
export function refuseSharedNames({ disks, groups }: Layout): void {
  const devices = groups.flatMap(({ device }) => (device === null ? [] : [device]));
  const volumes = groups.flatMap((group) => group.volumes);
  const names = [...[...disks, ...devices].flatMap(namesOn), ...volumes.flatMap(({ content }) => namesIn(content))];
  const faults = sharedThings(names.map(({ name, path }) => ({ what: `the label ${name}`, path })));
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", "some partitions share a label, by which only one of them is found", {
    details: faults,
    hint: "give one of them another label, or its disk another name",
  });
}

interface NamedPartition {
  readonly name: string;
  readonly path: string;
}

function namesOn({ table, content }: DeviceLayout): NamedPartition[] {
  const partitions = table === null || table.kind !== "gpt" ? [] : table.partitions;
  const own = partitions.flatMap(({ name, path }) => (name === "" ? [] : [{ name, path }]));
  return [...own, ...namesIn(content), ...(table?.partitions ?? []).flatMap((one) => namesIn(one.content))];
}

function namesIn(content: ContentLayout | null): NamedPartition[] {
  return content?.kind === "container" ? namesOn(content) : [];
}
