import { rmSync } from "node:fs";
import test from "ava";
import { thisMachine } from "../../src/machine/disk-host.ts";

export const { signal } = new AbortController();

/** Changes disks of this machine without a question. The old tables that are kept for the user go when a file's tests are through. */
export const context = { machine: thisMachine, signal, onStep: () => {}, onNote: keepPath, approve: async () => {} };

const saved: string[] = [];
test.after.always(() => saved.forEach((path) => rmSync(path, { force: true })));

function keepPath(line: string): void {
  saved.push(...(/kept in (\S+);/.exec(line)?.slice(1) ?? []));
}
