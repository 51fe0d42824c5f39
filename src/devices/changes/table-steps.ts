import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf, type Span } from "../../layout/span.ts";
import { attributeWords, escapedName } from "../../partitions/sfdisk.ts";
import { waitForNode, waitForUdev } from "../../steps/settle.ts";
import { step } from "../../steps/step.ts";
import { seededUuid } from "../steps/context.ts";
import type { ChangePlace, ChangePhase, TablePartition } from "./type-changes.ts";

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
  readonly pair: { readonly path: string; readonly device: string };
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

/** The step that writes a table once, with all of its changes, and shows them to the kernel. */
export function tableSteps(write: TableWrite): {
  readonly phase: ChangePhase;
  readonly at: (at: ChangePlace) => Step[];
} {
  return { phase: "grow", at: (at) => [tableStep(write, at)] };
}

type Step = ReturnType<typeof step>;

function tableStep({ pair: { path, device }, scheme, edits, expected }: TableWrite, { context }: ChangePlace): Step {
  const places = expected.map(({ number, first, length }) => `${number}:start=${first}+${length}`);
  const changes = edits.map((edit) => `${edit.number}:${editText(edit, scheme, context)}`);
  const made = edits.filter(({ key }) => key === "add").map(({ number }) => partitionPath(device, number));
  return step(
    path,
    `change the partition table of ${device}`,
    [],
    ["change_table", device, ...places, ...changes],
    ["partx", "--update", device],
    [...waitForUdev],
    ...context.partitionLinks(device),
    // What was at their places before is nobody's.
    ...made.flatMap((one) => [...waitForNode(one), ["wipefs", "--all", "--quiet", one], ["mark_cleared", one]]),
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
