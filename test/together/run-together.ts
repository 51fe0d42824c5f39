import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import ava from "ava";
import { testOf } from "./test-of.ts";
import { ownTurns } from "./turns.ts";

/** Stands for "ava" in the files of tests that share a process. */
const stand = new URL("test-of-file.ts", import.meta.url).href;

/**
 * Declares the tests of several files in this one process, under the titles that they have in a process each. A file that
 * cannot be loaded is a failed test of its name.
 *
 * @param files absolute paths by the file's part of a title.
 */
export function runTogether(files: Readonly<Record<string, string>>): void {
  const names = new Map(Object.entries(files).map(([name, path]) => [pathToFileURL(path).href, name]));
  registerHooks({
    resolve(specifier, context, next) {
      const name = specifier === "ava" ? names.get(context.parentURL ?? "") : undefined;
      return next(name === undefined ? specifier : `${stand}?file=${encodeURIComponent(name)}`, context);
    },
  });
  // At once, since AVA starts when the first file has declared its tests and nothing else is to be done.
  const require = createRequire(import.meta.url);
  for (const [name, path] of Object.entries(files)) load(name, () => require(path));
}

function load(name: string, file: () => unknown): void {
  try {
    file();
  } catch (error) {
    testOf(
      name,
      ava,
      ownTurns,
    )("can be loaded", () => {
      throw error;
    });
  }
}
