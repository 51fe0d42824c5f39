import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { linkPlainPrograms } from "./plain-programs.ts";

/** Folders of tests that have a process for each file: machines, damaged images, and what `make test` leaves out. */
const apart = ["fuzz", "real", "zfs"];

/** Files of tests that share a process: absolute paths by the file's part of a title. */
export type Group = Readonly<Record<string, string>>;

/**
 * Writes a file for AVA for each folder of `test/`, which runs all files of that folder in one process, and returns their
 * paths, relative to the project. Most of what a small file of tests costs is a process and the modules that it loads.
 * Files that end in `.tools.test.ts` are groups in `tools/`; the others have a PATH with plain programs only.
 */
export function writeGroups(project: string): string[] {
  const folder = join(project, "build/together");
  const plain = linkPlainPrograms(join(folder, "programs"));
  const paths = globSync("test/**/*.test.ts", { cwd: project });
  return Object.entries(groupsOf(project, paths)).map(([name, group]) => {
    const file = join(folder, `${name}.test.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeChanged(
      file,
      name.startsWith("tools/") ? entry(group) : `process.env.PATH = ${JSON.stringify(plain)};\n${entry(group)}`,
    );
    return relative(project, file);
  });
}

/** The groups by their names, which are those of their folders. Pure. */
export function groupsOf(project: string, paths: readonly string[]): Readonly<Record<string, Group>> {
  const groups: Record<string, Record<string, string>> = {};
  for (const path of paths.toSorted()) {
    const [, folder = "", ...rest] = path.split("/");
    if (apart.includes(folder)) continue;
    const title = rest.join(" › ");
    const name = title.endsWith(".tools.test.ts") ? `tools/${folder}` : folder;
    (groups[name] ??= {})[title.replace(/(\.tools)?\.test\.ts$/, "")] = join(project, path);
  }
  return groups;
}

/** Other runs may be reading it. */
function writeChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

function entry(group: Group): string {
  const run = JSON.stringify(join(import.meta.dirname, "run-together.ts"));
  return `import { runTogether } from ${run};\n\nrunTogether(${JSON.stringify(group, undefined, 2)});\n`;
}
