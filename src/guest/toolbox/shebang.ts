import { closeSync, openSync, readSync } from "node:fs";

/** The program that a script names for itself. */
interface Interpreter {
  readonly path: string;
  /** The name that `env` is to look up. */
  readonly searched?: string;
}

/** The interpreter of a file; `undefined` for one that is no script. */
export function interpreterOf(path: string): Interpreter | undefined {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(longestLine);
    const length = readSync(descriptor, bytes, 0, longestLine, 0);
    return readShebang(bytes.toString("latin1", 0, length));
  } finally {
    closeSync(descriptor);
  }
}

/** The kernel looks at no more. */
const longestLine = 256;

/**
 * Reads the first line of a script. Pure.
 *
 * Source: execve(2); env(1) for `-S`, and for what is assigned before the name.
 */
export function readShebang(text: string): Interpreter | undefined {
  const [, line] = /^#![ \t]*([^\n]+)/.exec(text) ?? [];
  const [path, ...words] = line?.trim().split(/\s+/) ?? [];
  if (path === undefined) return undefined;
  const searched = words.find((word) => !word.startsWith("-") && !word.includes("="));
  return path.endsWith("/env") && searched !== undefined ? { path, searched } : { path };
}
