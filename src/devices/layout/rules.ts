import type { Identity } from "../../base/identity.ts";
import type { Bytes } from "../../base/units.ts";
import type { ContainerLayout, ContentLayout, DeviceLayout, Place } from "../../layout/layout.ts";
import type { LayoutRequest } from "../../layout/request.ts";
import type { DeviceContent } from "../content.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { DeviceNode, Solver } from "./solver.ts";
import type { TableHolder, TablePlan } from "./table-plan.ts";

/** How a type of node is solved, by what it is to the devices around it. */
export type LayoutRules<Node extends DeviceContent> =
  | TableRules<Node>
  | ContainerRules<Node>
  | MemberRules<Node>
  | LeafRules<Node>;

/** It parts a whole device: a disk, a container, an array. */
interface TableRules<Node extends DeviceContent> {
  readonly kind: "table";
  readonly plan: (node: Node, holder: TableHolder, identity: Identity) => TablePlan;
  /** The type GUIDs, in capitals, and the contents of the partitions of a GPT; none for other tables. */
  readonly typed: (node: Node) => readonly { readonly type: string; readonly content: DeviceContent | null }[];
}

/** It holds another device behind a header. */
export interface ContainerRules<Node extends DeviceContent> {
  readonly kind: "container";
  readonly headerSize: (node: Node) => Bytes;
  /** The device in it. */
  readonly inside: (node: Node, at: ContentPlace) => DeviceNode;
  readonly layOut: (node: Node, geometry: Geometry, inside: DeviceLayout, request: LayoutRequest) => ContainerLayout;
}

/** It is a part of a group, which says how large it has to be. */
export interface MemberRules<Node extends DeviceContent> {
  readonly kind: "member";
  /** The set of the device tree that its group is in. */
  readonly groupKind: keyof DeviceTree;
  /** The name of its group. */
  readonly group: (node: Node) => string;
}

/** Nothing of the tree lies in it. */
export interface LeafRules<Node extends DeviceContent> {
  readonly kind: "leaf";
  /** The least size of its device. */
  readonly need: (node: Node, at: ContentPlace & { readonly fixedSize: Bytes | null }, solver: Solver) => Bytes;
  readonly layOut: (node: Node, geometry: Geometry, request: LayoutRequest) => ContentLayout;
  /** Words of its making, which may name devices that it takes as well. */
  readonly words?: (node: Node) => readonly string[];
}

/** Where a node stands in the tree, and what it lies on. */
interface ContentPlace {
  readonly path: string;
  readonly sectorSize: 512 | 4096;
}

/** The path, size and place of a node in the layout. */
interface Geometry {
  readonly path: string;
  readonly size: Bytes;
  readonly place: Place | null;
}
