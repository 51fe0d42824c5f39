import { execFileSync, spawnSync } from "node:child_process";
import test from "ava";
import {
  filesScript,
  folderScript,
  forgetScript,
  loadScript,
  startScript,
} from "../../../src/deploy/rescue/kexec-scripts.ts";

for (const [name, script] of Object.entries({ filesScript, folderScript, forgetScript, loadScript, startScript })) {
  test(`${name} is POSIX's shell, and shellcheck finds nothing`, (t) => {
    t.notThrows(() => execFileSync("shellcheck", ["--shell=sh", "-"], { input: script }));
    t.notThrows(() => execFileSync("dash", ["-n"], { input: script }));
    t.notThrows(() => execFileSync("busybox", ["sh", "-n"], { input: script }));
  });
}

/** A kexec that takes a kernel by the system calls that are named, and says why it does not take it by another. */
function kexec(...taken: readonly string[]): string[] {
  const script = `for word; do case $word in ${["none", ...taken].join("|")}) exit 0 ;; esac; done
echo "no: $*"
exit 1`;
  return ["sh", "-c", script, "kexec"];
}

const load = (command: readonly string[]) =>
  execFileSync("sh", ["-c", loadScript, "sh", "/", "console=ttyS0 panic=30", ...command], { encoding: "utf8" });

test("a kernel that takes files gets files", (t) => {
  t.is(load(kexec("--kexec-file-syscall")), "loaded\n");
});

test("a kernel that takes none gets pieces of memory", (t) => {
  t.is(load(kexec("--kexec-syscall")), "loaded\n");
});

test("a kernel that takes neither tells why, for both", (t) => {
  const said = load(kexec());
  const words = "--load kernel --initrd=initrd --command-line=console=ttyS0 panic=30";
  t.true(said.startsWith(`no: --kexec-file-syscall ${words}\nno: --kexec-syscall ${words}\n`), said);
});

test("a machine without the memory is told before anything is sent to it", (t) => {
  const { status, stderr } = spawnSync("sh", ["-c", folderScript, "sh", "99999999999"], { encoding: "utf8" });
  t.is(status, 1);
  t.regex(stderr, /^\d+ MiB of memory are free, and the rescue system needs 97656249 MiB to be loaded\n$/);
});
