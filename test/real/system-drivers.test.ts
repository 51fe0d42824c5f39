import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { modulesFor } from "../../src/deploy/drivers/device-aliases.ts";
import { systemDrivers } from "../../src/deploy/drivers/system-drivers.ts";
import { moduleName } from "../../src/guest/modules.ts";
import { buildFixtures, demoSystem } from "./fixtures-build.ts";
import { isLong } from "../together/is-long.ts";

/** A device that a pattern is for: any text for a star, one character for the rest. */
function deviceOf(pattern: string): string {
  return pattern
    .replaceAll(/\[([^\]])[^\]]*\]/g, "$1")
    .replaceAll("*", "0")
    .replaceAll("?", "1");
}

/** The modules that modprobe would load, one for each pattern. */
function resolve(folder: string, version: string, name: string): string[] {
  const arguments_ = ["--dirname", folder, "--set-version", version, "--resolve-alias", "--quiet", name];
  try {
    return execFileSync("modprobe", arguments_, { encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}

for (const variant of ["systemd-boot", "systemd-boot-xz"]) {
  test.serial(`the drivers of the demo system, ${variant}, are those that modprobe and cpio find`, async (t) => {
    const [toplevel = ""] = buildFixtures(variant);
    const drivers = await systemDrivers(toplevel);
    const folder = join(toplevel, "kernel-modules");
    const [version = ""] = readdirSync(join(folder, "lib/modules"));
    const names = new Set(drivers?.aliases.map(({ pattern }) => deviceOf(pattern)));
    t.true(names.size > 50);
    for (const name of names) {
      const found = modulesFor(drivers?.aliases ?? [], name).toSorted();
      t.deepEqual(found, [...new Set(resolve(folder, version, name).map(moduleName))].toSorted(), name);
    }
    const list = execFileSync("sh", ["-c", 'zcat "$1" | cpio -it --quiet', "sh", join(toplevel, "initrd")], {
      encoding: "utf8",
    });
    const files = list.split("\n").filter((line) => line.includes(".ko"));
    t.true(files.length > 5);
    t.deepEqual([...(drivers?.initrd ?? [])].toSorted(), files.map(moduleName).toSorted());
  });
}

if (isLong) {
  test.serial(
    "of thousands of devices, each has the modules of a generic kernel that modprobe has for it",
    async (t) => {
      const [folder = ""] = execFileSync("fixtures/kernel", {
        encoding: "utf8",
        cwd: join(import.meta.dirname, "../.."),
      })
        .trim()
        .split("\n");
      const drivers = await systemDrivers(folder);
      const [version = ""] = readdirSync(join(folder, "lib/modules"));
      const names = [...new Set(drivers?.aliases.map(({ pattern }) => deviceOf(pattern)))].filter(
        (_, at) => at % 20 === 0,
      );
      t.true(names.length > 500);
      for (const name of names) {
        const found = modulesFor(drivers?.aliases ?? [], name).toSorted();
        t.deepEqual(found, [...new Set(resolve(folder, version, name).map(moduleName))].toSorted(), name);
      }
    },
  );
}

test.serial("a folder without modules has no drivers", async (t) => {
  t.is(await systemDrivers(join(demoSystem("systemd-boot"), "etc")), undefined);
});
