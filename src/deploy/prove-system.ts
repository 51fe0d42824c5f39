import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ImageSource } from "../pipeline/plan/source.ts";
import type { Course } from "./course.ts";
import { publicKeysOf } from "./final-keys.ts";
import { expecting, expectingAny } from "./known-keys.ts";
import { type Proof, prove } from "./prove.ts";

/**
 * Waits until the new system of a target answers, with its host key where that is known. Undefined where the system has
 * nothing that answers.
 *
 * @throws MkimageError REMOTE_FAILED, INTERRUPTED.
 */
export async function proveSystem(
  course: Course,
  source: ImageSource,
  boot: string | undefined,
): Promise<Proof | undefined> {
  const { request, prepared, machines, reporter, folder, signal } = course;
  const { toplevel } = prepared.system;
  if (!answersSsh(toplevel)) {
    reporter.note("the system has no sshd: whether it has come up cannot be asked");
    return undefined;
  }
  const host = request.finalHost ?? request.host;
  const keys = publicKeysOf(source);
  const isKnown = keys.length > 0;
  if (!isKnown)
    reporter.note("the system makes its host keys when it first starts: the first one that answers is believed");
  const wishes = isKnown ? expecting(keys, request.ssh, folder) : expectingAny(request.ssh);
  return await reporter.task("Waiting for the new system", (task) =>
    prove({
      toplevel,
      deadlineSeconds: request.deadlines.bootSeconds,
      look: () => machines.observe(host, wishes),
      // Where it was not asked to restart, it may run what it did before.
      before: request.phases.includes("reboot") ? boot : undefined,
      clock: machines.clock,
      signal,
      task,
    }),
  );
}

/** Whether a system has a server of SSH; NixOS writes its settings nowhere else. */
function answersSsh(toplevel: string): boolean {
  return existsSync(join(toplevel, "etc/ssh/sshd_config"));
}
