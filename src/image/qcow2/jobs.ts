import { type PackedExtents, unpackExtents } from "../packed-extents.ts";
import { type Qcow2Start, Qcow2Writer } from "./writer.ts";

// What a thread does of a qcow2 file: it keeps the files that it is writing, and is told which one is meant.

const open = new Map<number, OpenFile>();
let last = 0;

interface OpenFile {
  readonly writer: Qcow2Writer;
  /** Pieces follow each other, whatever is asked for meanwhile. */
  before: Promise<void>;
}

export function openQcow2(start: Qcow2Start): number {
  last += 1;
  open.set(last, { writer: new Qcow2Writer(start), before: Promise.resolve() });
  return last;
}

/** Throws as `Qcow2Writer.write`, also what an earlier piece has thrown. */
export function writeToQcow2({ file, piece }: { readonly file: number; readonly piece: PackedExtents }): Promise<void> {
  const one = fileOf(file);
  one.before = one.before.then(() => one.writer.write(unpackExtents(piece)));
  return one.before;
}

export async function finishQcow2(file: number): Promise<void> {
  const { writer, before } = fileOf(file);
  await before;
  await writer.finish();
}

/** Whether it is finished or not. */
export async function closeQcow2(file: number): Promise<void> {
  const { writer, before } = fileOf(file);
  open.delete(file);
  await before.catch(() => undefined);
  await writer.close();
}

function fileOf(file: number): OpenFile {
  const one = open.get(file);
  if (one === undefined) throw new RangeError(`there is no open qcow2 file ${file}`);
  return one;
}
