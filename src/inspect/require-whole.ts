import { statSync } from "node:fs";
import { MkimageError } from "../errors.ts";
import { run } from "../process/run.ts";

/** What qemu-img can check. */
const checkable: readonly string[] = ["qcow2", "vdi", "vhdx", "vmdk", "qed", "parallels"];
/** Of these it does not notice that they were cut off: what is missing reads as zeros. */
const unnoticed: readonly string[] = ["vdi", "vpc"];

/**
 * Makes sure that an image's tables are sound and that all the bytes they speak of are there. Room that is lost, but does
 * no harm, is no fault.
 *
 * @throws MkimageError BAD_IMAGE with what qemu-img found; INTERRUPTED.
 */
export async function requireWhole(path: string, format: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    if (checkable.includes(format)) await run("qemu-img", checkArguments(path, format), { signal });
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    if (error.message.endsWith(`exit code ${onlyLeaks}`)) return;
    throw new MkimageError("BAD_IMAGE", `${path} is damaged or was cut off`, { details: error.details.slice(1) });
  }
  if (unnoticed.includes(format)) await requireMapped(path, format, signal);
}

const onlyLeaks = 3;

/** Reads only. */
export function checkArguments(path: string, format: string): string[] {
  return ["check", "-q", "-f", format, path];
}

async function requireMapped(path: string, format: string, signal: AbortSignal | undefined): Promise<void> {
  const { stdout } = await run("qemu-img", ["map", "--output=json", "-f", format, path], { signal });
  let end = 0;
  for (const { data, offset = 0, length } of partsIn(stdout)) if (data) end = Math.max(end, offset + length);
  const { size } = statSync(path);
  if (end <= size) return;
  throw new MkimageError("BAD_IMAGE", `${path} was cut off: it speaks of ${end} bytes and has ${size}`);
}

interface MappedPart {
  readonly data: boolean;
  readonly offset?: number;
  readonly length: number;
}

/** One by one: there may be a million of them. */
function* partsIn(json: string): Generator<MappedPart> {
  for (const [part] of json.matchAll(/\{[^}]*\}/g)) yield JSON.parse(part) as MappedPart;
}
