import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { demoSystem } from "./mkimage.ts";
import type { TargetMachine } from "./target-machine.ts";

/** The words of a command that deploys to a target, with patience for a busy machine. */
export function deployTo(target: TargetMachine, system: string, words: readonly string[]): string[] {
  const { port, options, user, folder } = target;
  const files = filesWith(`${target.key}.pub`, join(folder, "extra"));
  const place = [`${user}@127.0.0.1`, "-p", String(port), "--final-host", "root@127.0.0.1", ...options];
  return ["deploy", demoSystem(system), ...place, ...patience, "--extra-files", files, ...words];
}

/** The same with a machine of QEMU's that is made for it, and lets in who has a key. */
export function deployToNew(key: string, folder: string, system: string, words: readonly string[]): string[] {
  const files = filesWith(`${key}.pub`, join(folder, "extra"));
  return ["deploy", demoSystem(system), "--vm-test", "-i", key, ...patience, "--extra-files", files, ...words];
}

const patience = ["--rescue-deadline", "1800", "--boot-deadline", "1800", "--accel", "tcg", "--copy-host-keys"];

/** A folder with files for a system that lets in who has a key. */
function filesWith(publicKey: string, folder: string): string {
  mkdirSync(join(folder, "root/.ssh"), { recursive: true });
  chmodSync(join(folder, "root/.ssh"), 0o700);
  copyFileSync(publicKey, join(folder, "root/.ssh/authorized_keys"));
  return folder;
}
