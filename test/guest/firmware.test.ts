import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Architecture } from "../../src/guest/architecture.ts";
import { copyVariables, findFirmware } from "../../src/guest/firmware.ts";
import { temporaryFolder } from "../image/folder.ts";

/** A folder of descriptors, each with files of its own. */
function descriptors(t: ExecutionContext, named: Readonly<Record<string, readonly string[]>>, architecture = "x86_64") {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "descriptors"));
  for (const [name, features] of Object.entries(named)) {
    const executable = { filename: join(folder, `${name}.code`), format: "raw" };
    const template = { filename: join(folder, `${name}.vars`), format: "raw" };
    for (const { filename } of [executable, template]) writeFileSync(filename, "");
    const descriptor = {
      "interface-types": ["uefi"],
      mapping: { device: "flash", executable, "nvram-template": template },
      targets: [{ architecture, machines: ["pc-q35-*"] }],
      features,
    };
    writeFileSync(join(folder, "descriptors", `${name}.json`), JSON.stringify(descriptor));
  }
  return { folder, folders: [join(folder, "descriptors")] };
}

test("this machine's own descriptors name firmware that is there, without Secure Boot", (t) => {
  const firmware = findFirmware({ architecture: "x86_64" });
  t.regex(firmware.executable, /\.fd$/);
  t.false(firmware.needsSmm);
});

test("firmware without Secure Boot comes first, then firmware without enrolled keys", (t) => {
  const { folder, folders } = descriptors(t, {
    "10-enrolled": ["secure-boot", "enrolled-keys", "requires-smm"],
    "20-secure": ["secure-boot", "requires-smm"],
    "30-plain": [],
  });
  t.is(findFirmware({ architecture: "x86_64", folders }).executable, join(folder, "30-plain.code"));
});

test("firmware that requires SMM says so, also when it was asked for by its path", (t) => {
  const { folder, folders } = descriptors(t, { secure: ["secure-boot", "requires-smm"], plain: [] });
  const executable = join(folder, "secure.code");
  const firmware = findFirmware({ architecture: "x86_64", folders, executable });
  t.deepEqual(firmware, { executable, variables: join(folder, "secure.vars"), needsSmm: true });
});

test("a file in an earlier folder hides one of the same name", (t) => {
  const { folder, folders } = descriptors(t, { one: [], two: [] });
  const mine = join(folder, "mine");
  mkdirSync(mine);
  writeFileSync(join(mine, "one.json"), "");
  const firmware = findFirmware({ architecture: "x86_64", folders: [mine, ...folders] });
  t.is(firmware.executable, join(folder, "two.code"));
});

test.serial("the firmware beside QEMU is found by way of a link in PATH, as in a profile of Nix", (t) => {
  const { folder } = descriptors(t, { plain: [] }, "aarch64");
  mkdirSync(join(folder, "qemu/bin"), { recursive: true });
  mkdirSync(join(folder, "qemu/share/qemu"), { recursive: true });
  mkdirSync(join(folder, "profile"));
  renameSync(join(folder, "descriptors"), join(folder, "qemu/share/qemu/firmware"));
  const program = join(folder, "qemu/bin/qemu-system-aarch64");
  writeFileSync(program, "", { mode: 0o755 });
  symlinkSync(program, join(folder, "profile/qemu-system-aarch64"));
  const { PATH } = process.env;
  process.env["PATH"] = join(folder, "profile");
  t.teardown(() => void (process.env["PATH"] = PATH));
  t.is(findFirmware({ architecture: "aarch64" }).executable, join(folder, "plain.code"));
});

test("firmware for another processor is none", (t) => {
  const { folders } = descriptors(t, { arm: [] }, "aarch64");
  t.throws(() => findFirmware({ architecture: "x86_64", folders }), {
    code: "MISSING_TOOL",
    message: /no UEFI firmware for x86_64/,
  });
});

test("files that were asked for and are not there are named", (t) => {
  const { folder, folders } = descriptors(t, { plain: [] });
  const variables = join(folder, "nothing");
  t.throws(() => findFirmware({ architecture: "x86_64", folders, variables }), {
    code: "BAD_REQUEST",
    message: /nothing/,
  });
});

test("unknown firmware needs its variables named", (t) => {
  const { folder, folders } = descriptors(t, { plain: [] });
  const executable = join(folder, "descriptors/plain.json");
  t.throws(() => findFirmware({ architecture: "x86_64", folders, executable }), {
    code: "BAD_REQUEST",
    message: /variable template/,
  });
});

test.serial("descriptors below the folders of XDG_DATA_DIRS are found", (t) => {
  const { folder } = descriptors(t, { plain: [] }, "demo");
  mkdirSync(join(folder, "share/qemu"), { recursive: true });
  renameSync(join(folder, "descriptors"), join(folder, "share/qemu/firmware"));
  const before = process.env["XDG_DATA_DIRS"];
  process.env["XDG_DATA_DIRS"] = `relative:${join(folder, "share")}`;
  t.teardown(() => {
    if (before === undefined) delete process.env["XDG_DATA_DIRS"];
    else process.env["XDG_DATA_DIRS"] = before;
  });
  t.is(findFirmware({ architecture: "demo" as Architecture }).executable, join(folder, "plain.code"));
});

test("a machine can write to its copy of variables, also where the template is read-only, as in the Nix store", (t) => {
  const folder = temporaryFolder(t);
  const [variables, copy] = [join(folder, "template"), join(folder, "copy")];
  writeFileSync(variables, "variables");
  chmodSync(variables, 0o444);
  copyVariables({ variables }, copy);
  t.is(readFileSync(copy, "utf8"), "variables");
  t.is(statSync(copy).mode & 0o200, 0o200);
});
