import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { demoSystem } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, processesOf } from "./scene.ts";

test("what is in a guest's memory is in no core dump", async (t) => {
  const scene = makeScene(t);
  const started = Promise.withResolvers<ChildProcess>();
  const wishes = [demoSystem("installer-hangs"), "--partition", "legacy", "--additional-space", "0M"];
  const run = buildIn(scene, wishes, { onStart: started.resolve });
  const child = await started.promise;
  let [command, limits] = ["", ""];
  while (limits === "" && child.exitCode === null) {
    await setTimeout(20);
    command = processesOf(scene).find((line) => /^\S*qemu-system/.test(line)) ?? "";
    limits = limitsOf(command);
  }
  child.kill("SIGTERM");
  t.is((await run).exitCode, 143);
  t.regex(command, / -machine q35,dump-guest-core=off /);
  t.regex(limits, /^Max core file size +[01] /m);
  assertLeft(t, scene);
});

/** The limits of the process that has this command line. */
function limitsOf(command: string): string {
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && textOf(name, "cmdline") === command);
  return pid === undefined || command === "" ? "" : textOf(pid, "limits");
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
