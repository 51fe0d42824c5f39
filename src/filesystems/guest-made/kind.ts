import type { Bytes } from "../../base/units.ts";
import type { Tool } from "../../runtime/tools.ts";
import type { Census } from "./census.ts";

/** A kind of filesystem that only a kernel writes: how it is made, and what it takes besides its files, as measured. */
export interface GuestMadeKind {
  /** The program that makes it. */
  readonly tool: Tool;
  /** The smallest that the tool makes. */
  readonly minimum: Bytes;
  /** Returns the bytes that an ordinary user can still write at this size with these files; negative: they do not fit. */
  freeBytes(census: Census, size: Bytes): Bytes;
}
