import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { demoSystem } from "./mkimage.ts";
import type { TargetMachine } from "./target-machine.ts";

/** The words of a command that deploys to a target, with patience for a busy machine. */
export function deployTo(target: TargetMachine, system: string, words: readonly string[]): string[] {
  const { port, options, user, folder } = target;
  const files = join(folder, "extra");
  mkdirSync(join(files, "root/.ssh"), { recursive: true });
  chmodSync(join(files, "root/.ssh"), 0o700);
  copyFileSync(`${target.key}.pub`, join(files, "root/.ssh/authorized_keys"));
  const patience = ["--rescue-deadline", "1800", "--boot-deadline", "1800"];
  const place = [`${user}@127.0.0.1`, "-p", String(port), "--final-host", "root@127.0.0.1", ...options, ...patience];
  return [
    "deploy",
    demoSystem(system),
    ...place,
    "--accel",
    "tcg",
    "--extra-files",
    files,
    "--copy-host-keys",
    ...words,
  ];
}
