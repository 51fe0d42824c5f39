import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { run } from "../../src/runtime/run.ts";
import type { Connection } from "../../src/remote/connection.ts";

interface LocalOptions {
  /** The programs that the machine has: those of busybox of these names, and wipefs. Default: all of this machine's. */
  readonly applets?: readonly string[];
  /** A script in place of the machine's wipefs; `null`: it has none. */
  readonly wipefs?: string | null;
  /** Further programs, by their scripts. */
  readonly programs?: Readonly<Record<string, string>>;
  /** The shell that runs scripts, with what comes before it. Default: `sh`. */
  readonly shell?: readonly string[];
  /** Called before each script, with its text. */
  readonly onScript?: (script: string) => void;
  /** Changes what a script prints. */
  readonly onOutput?: (output: string, script: string) => string;
}

/** A connection that leads to this machine, with no ssh in between. */
export function localConnection(
  t: Pick<ExecutionContext, "teardown">,
  {
    applets,
    wipefs,
    programs = {},
    shell = ["/bin/sh"],
    onScript = () => {},
    onOutput = (output) => output,
  }: LocalOptions = {},
): Connection {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-applets-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  if (wipefs === undefined) symlinkSync("/usr/sbin/wipefs", join(folder, "wipefs"));
  const scripts = { ...(typeof wipefs === "string" ? { wipefs } : {}), ...programs };
  for (const [name, text] of Object.entries(scripts))
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  for (const name of applets ?? []) symlinkSync("/usr/bin/busybox", join(folder, name));
  const path = applets === undefined ? `${folder}:${process.env["PATH"]}` : folder;
  return {
    destination: "root@elsewhere",
    run: async (script, arguments_, { onOutput: tell = () => {}, ...options } = {}) => {
      onScript(script);
      const { stdout } = await run("env", [...shell, "-c", script, "sh", ...arguments_], {
        ...options,
        environment: { PATH: path },
        onOutput: tell,
      });
      return onOutput(stdout, script);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The applets of busybox that suffice. */
export const fewApplets = ["readlink", "od", "tr", "ls", "dd", "sha256sum", "wc", "cat"] as const;
