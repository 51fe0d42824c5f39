import { MkimageError } from "../base/errors.ts";
import { MiB, type Bytes } from "../base/units.ts";

/**
 * Everything that another machine says of itself: a line a record, its fields separated by tabs, of which the first is a letter. `T path
 * text` is a line of a file, `X path hex` the bytes of one, `D path` a folder, `L path target` a link, `R path real` a path of
 * the system, `W tool` a program that is there, `S node text` a line of what wipefs says of a device, `G text` of what pvs
 * says; each script says which others it has.
 */
export interface MachineRecords {
  /** The fields of all records of a letter, in their order. */
  of(letter: string): readonly (readonly string[])[];
}

/** More than any machine has to say. */
export const recordsLimit: Bytes = 16 * MiB;

/** A machine with a thousand disks has thirty thousand. */
const mostRecords = 200_000;

/**
 * Takes the output of a script apart that ends with `E`. The machine is not trusted: there is a limit to what it says.
 *
 * @throws MkimageError REMOTE_FAILED when it does not say all.
 */
export function readRecords(output: string): MachineRecords {
  if (output.length > recordsLimit || !output.endsWith("\nE\n")) throw incompleteRecords();
  const lines = output.split("\n");
  if (lines.length > mostRecords) throw incompleteRecords();
  const byLetter = Map.groupBy(
    lines.map((line) => line.split("\t")),
    ([letter = ""]) => letter,
  );
  const fields = new Map([...byLetter].map(([letter, records]) => [letter, records.map(([, ...rest]) => rest)]));
  return { of: (letter) => fields.get(letter) ?? [] };
}

/** The error for an answer that is not whole. It has nothing of the answer, which may be secret. */
export function incompleteRecords(): MkimageError {
  return new MkimageError("REMOTE_FAILED", "the machine did not say all that was asked of it", {
    hint: "its shell must be POSIX's, with od, readlink and tr (coreutils or busybox)",
  });
}

/** The files whose lines a machine told, by path. */
export function textsIn(records: MachineRecords): ReadonlyMap<string, string> {
  const files = Map.groupBy(records.of("T"), ([path = ""]) => path);
  return new Map(
    [...files].map(([path, lines]) => [path, lines.map(([, ...text]) => `${text.join("\t")}\n`).join("")]),
  );
}
