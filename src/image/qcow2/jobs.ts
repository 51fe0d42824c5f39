import { type FilledSlot, type Qcow2Start, Qcow2Writer } from "./writer.ts";

// What a thread does of a qcow2 file: it keeps the files that it is writing, and is told which one is meant.

const writers = new Map<number, Qcow2Writer>();
let last = 0;

export function openQcow2(start: Qcow2Start): number {
  last += 1;
  writers.set(last, new Qcow2Writer(start));
  return last;
}

/** Throws as `Qcow2Writer.write`. */
export function writeToQcow2({ file, piece }: { readonly file: number; readonly piece: FilledSlot }): Promise<void> {
  return writerOf(file).write(piece);
}

export function finishQcow2(file: number): void {
  writerOf(file).finish();
}

/** Whether it is finished or not. */
export async function closeQcow2(file: number): Promise<void> {
  const writer = writerOf(file);
  writers.delete(file);
  await writer.close();
}

function writerOf(file: number): Qcow2Writer {
  const writer = writers.get(file);
  if (writer === undefined) throw new RangeError(`there is no open qcow2 file ${file}`);
  return writer;
}
