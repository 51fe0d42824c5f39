import { judge } from "./mkimage.ts";

/** A partition of an image as sfdisk has it, in sectors of 512 bytes. */
export interface Slice {
  readonly number: number;
  readonly first: number;
  readonly sectors: number;
  readonly name: string;
}

/** The partitions of an image with a GPT. */
export function readGptTable(image: string): Slice[] {
  const { partitiontable } = JSON.parse(judge("sfdisk", "-J", image)) as {
    partitiontable: { partitions: { start: number; size: number; name: string }[] };
  };
  return partitiontable.partitions.map(({ start, size, name }, index) => {
    return { number: index + 1, first: start, sectors: size, name };
  });
}
