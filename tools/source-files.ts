import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const project = join(import.meta.dirname, "..");

/** A TypeScript file of the project, and what it takes from its others. */
export interface SourceFile {
  /** From the project's folder: `src/image/raw.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** The file, from the project's folder. */
  readonly path: string;
  /** The names as the other file exports them; `*` for all of them. */
  readonly names: readonly string[];
}

/** The TypeScript files in these folders of the project, by path. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: project }));
  return paths.toSorted().map((path) => {
    const text = readFileSync(join(project, path), "utf8");
    return { path, text, imports: importsIn(text, dirname(path)) };
  });
}

/** Written by a formatter, so that every import has one of few shapes. */
const statement = /(?<=^|;[ \t]*)(?:import|export)\s+(?:type\s+)?(?:([^;"']*?)\s+from\s+)?"(\.[^"]+)";/gm;
const inPlace = /\bimport\("(\.[^"]+)"\)/g;

function importsIn(text: string, folder: string): Import[] {
  const at = (path: string) => normalize(join(folder, path));
  const found = [...text.matchAll(statement)].map(([, names = "", path = ""]) => ({
    path: at(path),
    names: namesIn(names),
  }));
  const later = [...text.matchAll(inPlace)].map(([, path = ""]) => ({ path: at(path), names: ["*"] }));
  return [...found, ...later];
}

function namesIn(clause: string): string[] {
  const braces = /\{([^}]*)\}/.exec(clause)?.[1];
  if (braces === undefined) return ["*"];
  const names = braces.split(",").map((part) => part.trim().replace(/^type\s+/, ""));
  return names.filter((name) => name !== "").map((name) => name.split(/\s+as\s+/)[0] ?? "");
}
