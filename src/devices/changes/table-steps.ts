import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf, type Span } from "../../layout/span.ts";
import { attributeWords, escapedName } from "../../partitions/sfdisk.ts";
import { waitForNode, waitForUdev } from "../../steps/settle.ts";
import { step } from "../../steps/step.ts";
import { seededUuid } from "../steps/context.ts";
import type { ChangePlace, ChangePhase } from "./type-changes.ts";
import type { TablePartition } from "./table-changes.ts";

/** One change of an entry of a partition table, by the number of the partition. */
export type TableEdit = { readonly number: number } & (
  | { readonly key: "size"; readonly value: number }
  | { readonly key: "name" | "type"; readonly value: string }
  | { readonly key: "attrs"; readonly value: readonly number[] }
  | { readonly key: "active" | "delete" }
  | { readonly key: "add"; readonly span: Span; readonly partition: TablePartition }
);

/** All changes of one table. */
interface TableWrite {
  readonly pair: { readonly path: string; readonly device: string; readonly sectorSize: number };
  readonly scheme: "gpt" | "dos";
  readonly edits: readonly TableEdit[];
  /** Where the partitions are that are there: a table with others is not written. */
  readonly expected: readonly { readonly number: number; readonly first: number; readonly length: number }[];
}

/** The lowest number that no partition has. */
export function freeNumber(taken: ReadonlySet<number>): number {
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}

/**
 * The steps that look whether a table can be written, write it with all of its changes, and show them to the kernel: in one write, but where what
 * becomes free is taken at once. The kernel lets nobody have it before it has seen that.
 */
export function tableSteps(write: TableWrite): {
  readonly phase: ChangePhase;
  readonly at: (at: ChangePlace) => Step[];
}[] {
  return [
    { phase: "check", at: (at) => [checkStep(write, at)] },
    { phase: "grow", at: (at) => writesOf(write).map((one) => tableStep(one, at)) },
  ];
}

function writesOf(write: TableWrite): TableWrite[] {
  const { edits, expected } = write;
  const lengthNow = (number: number) => expected.find((one) => one.number === number)?.length ?? 0;
  const freeing = edits.filter(
    (edit) => edit.key === "delete" || (edit.key === "size" && edit.value < lengthNow(edit.number)),
  );
  const others = edits.filter((edit) => !freeing.includes(edit));
  const isTaken = others.some((edit) => edit.key === "add" || edit.key === "size");
  if (freeing.length === 0 || !isTaken) return [write];
  const after = expected.flatMap((one) => {
    const own = freeing.filter(({ number }) => number === one.number);
    if (own.some(({ key }) => key === "delete")) return [];
    const size = own.find((edit) => edit.key === "size");
    return size === undefined ? one : { ...one, length: size.value };
  });
  return [
    { ...write, edits: freeing },
    { ...write, edits: others, expected: after },
  ];
}

type Step = ReturnType<typeof step>;

function checkStep(write: TableWrite, at: ChangePlace): Step {
  const { path, device } = write.pair;
  return step(path, `check the new partition table of ${device}`, [], ["check_table", ...changeArguments(write, at)]);
}

/** The device, where its partitions have to be, and what changes. */
function changeArguments(
  { pair: { device }, scheme, edits, expected }: TableWrite,
  { context }: ChangePlace,
): string[] {
  const places = expected.map(({ number, first, length }) => `${number}:start=${first}+${length}`);
  return [device, ...places, ...edits.map((edit) => `${edit.number}:${editText(edit, scheme, context)}`)];
}

function tableStep(write: TableWrite, at: ChangePlace): Step {
  const { pair, edits } = write;
  const { path, device, sectorSize } = pair;
  const made = edits.flatMap((edit) => (edit.key === "add" ? [edit] : []));
  const units = sectorSize / 512;
  const clearing = made.map(({ number, span: { first, last } }) => {
    const place = [first * units, (last - first + 1) * units].map(String);
    return ["clear_place", device, `${number}`, partitionPath(device, number), ...place];
  });
  const change = changeArguments(write, at);
  return step(
    path,
    `change the partition table of ${device}`,
    [],
    // A table that has changed meanwhile has something else at these places.
    ...(made.length > 0 ? [["check_table", ...change]] : []),
    ...clearing,
    ["change_table", ...change],
    ["partx", "--update", device],
    [...waitForUdev],
    ...at.context.partitionLinks(device),
    ...made.flatMap(({ number }) => waitForNode(partitionPath(device, number))),
  );
}

/** `size=2048`, or for a partition that is made its line in a script of sfdisk. Source: sfdisk(8), "Named-fields format". */
function editText(edit: TableEdit, scheme: "gpt" | "dos", context: ChangePlace["context"]): string {
  switch (edit.key) {
    case "size":
    case "type":
      return `${edit.key}=${edit.value}`;
    case "name":
      return `name="${escapedName(edit.value)}"`;
    case "attrs":
      return `attrs="${attributeWords(edit.value)}"`;
    case "active":
    case "delete":
      return edit.key;
    case "add": {
      const { span, partition } = edit;
      const uuid = partition.uuid ?? seededUuid(context, `${partition.path} guid`);
      const fields = [
        `add=start=${span.first}`,
        `size=${lengthOf(span)}`,
        `type=${partition.type}`,
        ...(scheme === "gpt" && uuid !== undefined ? [`uuid=${uuid.toUpperCase()}`] : []),
        ...(scheme === "gpt" && partition.label !== null ? [`name="${escapedName(partition.label)}"`] : []),
        ...(scheme === "gpt" && partition.attributes.length > 0
          ? [`attrs="${attributeWords(partition.attributes)}"`]
          : []),
        ...(scheme === "dos" && partition.active ? ["bootable"] : []),
      ];
      return fields.join(", ");
    }
  }
}
