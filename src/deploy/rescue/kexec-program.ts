import { readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { isStatic } from "../../guest/busybox.ts";
import { librariesOf } from "../../guest/toolbox/libraries.ts";
import { programSource } from "../../guest/toolbox/program-source.ts";

/** The program `kexec`, for a machine that has neither it nor its libraries. */
export interface KexecProgram {
  /** Files for one folder, with the loader among them. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** The command in that folder. */
  readonly command: readonly string[];
}

/**
 * Takes kexec of this machine, or of a store path with programs for another processor: alone where it is static, else with its libraries and
 * the loader that goes with them.
 *
 * @throws MkimageError MISSING_TOOL.
 */
export async function kexecProgram(storePath?: string, signal?: AbortSignal): Promise<KexecProgram> {
  const path = programSource(storePath).find("kexec");
  const program = { name: "kexec", bytes: readFileSync(realpathSync(path)) };
  if (isStatic(program.bytes)) return { files: [program], command: ["./kexec"] };
  const libraries = await librariesOf([path], signal);
  const files = libraries.map((library) => ({ name: basename(library), bytes: readFileSync(realpathSync(library)) }));
  const loader = files.find(({ name }) => name.startsWith("ld-"))?.name ?? "ld.so";
  return { files: [program, ...files], command: [`./${loader}`, "--library-path", ".", "./kexec"] };
}
