import type { Bytes } from "../../../base/units.ts";

/** What a cell is, by which it gets its colour. */
export type CellKind = "boot" | "filesystem" | "swap" | "container" | "free" | "other";

/** A part of a disk in a picture, with what lies inside. */
export interface Cell {
  readonly size: Bytes;
  readonly kind: CellKind;
  /** What is written in it, a line each. */
  readonly lines: readonly string[];
  readonly inside: readonly Cell[];
}

/** One row of cells, and what it stands for. */
export interface Picture {
  readonly title: string;
  readonly cells: readonly Cell[];
}

/** What pictures can be made of at a terminal. */
export interface PictureStyle {
  /** In columns. */
  readonly width: number;
  readonly characters: "unicode" | "ascii";
  readonly colours: boolean;
}
