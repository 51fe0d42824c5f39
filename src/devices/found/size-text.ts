import { type Bytes, GiB, KiB, MiB } from "../../base/units.ts";

/** A size as a tree has it, in the largest unit that says it exactly. */
export function sizeText(bytes: Bytes): string {
  const [size, unit] = (
    [
      [GiB, "G"],
      [MiB, "M"],
      [KiB, "K"],
    ] as const
  ).find(([one]) => bytes % one === 0) ?? [1, "B"];
  return `${bytes / size}${unit}`;
}
