import { MkimageError } from "../../base/errors.ts";
import { run } from "../../runtime/run.ts";

/**
 * The libraries that programs load, with the program that loads them, as the paths where they are looked for: absolute,
 * sorted, each once. A program that is linked statically needs none.
 *
 * @throws MkimageError MISSING_TOOL when one of them lacks a library.
 */
export async function librariesOf(programs: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const found = await Promise.all(programs.map((program) => librariesOfOne(program, signal)));
  return [...new Set(found.flat())].toSorted();
}

async function librariesOfOne(program: string, signal: AbortSignal | undefined): Promise<string[]> {
  // It ends with 1 for a static program, and says so.
  const list = 'ldd "$1" 2>&1 || [ $? = 1 ]';
  const { stdout } = await run("sh", ["-c", list, "sh", program], { signal, deadlineSeconds: 60 });
  const { libraries, missing } = readLibraryList(stdout);
  if (missing.length === 0) return libraries;
  throw new MkimageError("MISSING_TOOL", `${program} cannot run here: it lacks ${missing.join(", ")}`, {
    hint: "install its package again",
  });
}

/**
 * Reads what `ldd` prints. Pure.
 *
 * Source: ldd(1). A line is `NAME => PATH (ADDRESS)`, `PATH (ADDRESS)` for the loader, or `NAME => not found`; the
 * kernel's own library has no path.
 */
export function readLibraryList(text: string): { readonly libraries: string[]; readonly missing: string[] } {
  const lines = text.split("\n").map((line) => line.trim());
  return {
    libraries: lines.flatMap((line) => [...line.matchAll(/(?:^|=> )(\/\S+)(?= )/g)].flatMap((match) => match[1] ?? [])),
    missing: lines.flatMap((line) => /^(\S+) => not found/.exec(line)?.[1] ?? []),
  };
}
