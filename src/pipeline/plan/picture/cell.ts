import type { Bytes } from "../../../base/units.ts";

/** The kind of a cell, which decides its colour. */
export type CellKind = "boot" | "filesystem" | "swap" | "container" | "free" | "other";

/** A part of a disk in a picture, with what lies inside. */
export interface Cell {
  readonly size: Bytes;
  readonly kind: CellKind;
  /** The lines of text in it. */
  readonly lines: readonly string[];
  readonly inside: readonly Cell[];
}

/** One row of cells, and what it stands for. */
export interface Picture {
  readonly title: string;
  readonly cells: readonly Cell[];
}

/** The width, characters and colours that a terminal has for pictures. */
export interface PictureStyle {
  /** In columns. */
  readonly width: number;
  readonly characters: "unicode" | "ascii";
  readonly colours: boolean;
}
