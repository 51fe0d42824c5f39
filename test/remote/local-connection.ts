import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { run } from "../../src/runtime/run.ts";
import type { Connection } from "../../src/remote/connection.ts";

interface LocalOptions {
  /** The programs that the machine has: those of busybox of these names, and no others. Default: all of this machine's. */
  readonly applets?: readonly string[];
  /** Changes what a script prints. */
  readonly onOutput?: (output: string, script: string) => string;
}

/** A connection that leads to this machine, with no ssh in between. */
export function localConnection(
  t: Pick<ExecutionContext, "teardown">,
  { applets, onOutput = (output) => output }: LocalOptions = {},
): Connection {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-applets-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of applets ?? []) symlinkSync("/usr/bin/busybox", join(folder, name));
  const environment = applets === undefined ? {} : { environment: { PATH: folder } };
  return {
    destination: "root@elsewhere",
    run: async (script, arguments_, { onOutput: tell = () => {}, ...options } = {}) => {
      const { stdout } = await run("sh", ["-c", script, "sh", ...arguments_], {
        ...options,
        ...environment,
        onOutput: tell,
      });
      return onOutput(stdout, script);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The applets of busybox that suffice. */
export const fewApplets = ["readlink", "od", "tr", "dd", "sha256sum", "sync", "wc", "cat", "sed"] as const;
