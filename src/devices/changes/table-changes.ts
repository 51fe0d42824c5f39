import type { Span } from "../../layout/span.ts";
import type { PartitionContent } from "../content.ts";

/** How a partition table is changed in place. */
export interface TableChanges<Node> {
  readonly scheme: (node: Node) => "gpt" | "dos";
  /** Its partitions. `name` is that of its device: `disk-main`. */
  readonly partitions: (node: Node, at: { readonly path: string; readonly name: string }) => readonly TablePartition[];
  /** Where the partitions of the tree come to lie beside what stays, by their keys. */
  readonly place: (node: Node, room: TableRoom) => PlacedPartitions;
  /** The node with the devices of those of its partitions that have another number than by their order. */
  readonly withDevices: (node: Node, devices: ReadonlyMap<string, string>) => Node;
}

/** A partition as a table has it, whatever the type of node. */
export interface TablePartition {
  readonly key: string;
  readonly path: string;
  readonly number: number;
  /** Whether the tree means this very number: the names of an msdos table are its numbers. */
  readonly isNumbered: boolean;
  readonly label: string | null;
  /** The label that it has where the tree gives none: what it had before somebody gave it one. */
  readonly usualLabel: string | null;
  readonly uuid: string | null;
  /** A GUID in capitals, or the number of a type of an MBR in hexadecimal: `83`. */
  readonly type: string;
  /** Whether the tree leaves the type open, so that the one that is there stays. */
  readonly isTypeOpen: boolean;
  /** Bits that are set; those that the tree does not ask for stay. */
  readonly attributes: readonly number[];
  /** The flag of an MBR. */
  readonly active: boolean;
  readonly role: "primary" | "extended" | "logical";
  readonly content: PartitionContent | null;
}

/** A device whose partitions are placed. */
export interface TableRoom {
  readonly sectors: number;
  readonly sectorSize: 512 | 4096;
  /** Where partitions of the tree are, by their keys. */
  readonly there: ReadonlyMap<string, Span>;
  /** Where others are, which stay. */
  readonly others: readonly (Span & Pick<TablePartition, "role">)[];
}

export type PlacedPartitions =
  | { readonly spans: ReadonlyMap<string, Span>; readonly faults?: undefined }
  /** By the keys of the partitions that cannot be placed. */
  | { readonly faults: ReadonlyMap<string, string>; readonly spans?: undefined };
