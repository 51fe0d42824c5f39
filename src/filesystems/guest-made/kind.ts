import type { Bytes } from "../../layout/units.ts";
import type { Tool } from "../../process/tools.ts";
import type { Census } from "./census.ts";

/** A kind of filesystem that only a kernel writes: how it is made, and what it takes besides its files, as measured. */
export interface GuestMadeKind {
  readonly tool: Tool;
  /** The arguments of the tool but for the device; names that `extraArgs` give win. */
  formatArguments(names: FormatNames): string[];
  /** The smallest that the tool makes. */
  readonly minimum: Bytes;
  /** What an ordinary user can still write to a filesystem of this size with these files; below 0 they do not fit. */
  freeBytes(census: Census, size: Bytes): Bytes;
}

export interface FormatNames {
  readonly label: string | null;
  readonly uuid: string;
  readonly extraArgs: readonly string[];
  /** Seconds since 1970. */
  readonly time: number;
}
