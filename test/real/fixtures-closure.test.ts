import test from "ava";
import { readFileSync, statSync } from "node:fs";
import { closureOf, command, demoSystem } from "./fixtures-build.ts";

const elfMagic = "\x7fELF";

function firstLine(file: string): string {
  return readFileSync(file, "latin1").split("\n", 1)[0] as string;
}

for (const name of ["grub-both", "systemd-boot-ssh"]) {
  const closure = closureOf(demoSystem(name));
  const files = command("find", ...closure, "-type", "f")
    .trim()
    .split("\n");

  test(`every program of ${name} finds its interpreter and its libraries in the closure`, (t) => {
    const programs = files.filter((file) => /\/s?bin\/|\/libexec\//.test(file) && firstLine(file).startsWith(elfMagic));
    t.true(programs.length > 3);
    const loader = files.find((file) => file.endsWith("/lib/ld-linux-x86-64.so.2")) as string;
    for (const program of programs.filter((file) => !file.endsWith("/busybox"))) {
      t.true(readFileSync(program, "latin1").includes(`${loader}\0`), `${program} names ${loader}`);
      const libraries = command(loader, "--list", program).match(/(?<==> )\S+/g) ?? [];
      for (const library of libraries)
        t.true(
          closure.some((path) => library.startsWith(`${path}/`)),
          library,
        );
    }
  });

  test(`every script of ${name} names an interpreter in the closure`, (t) => {
    const scripts = files.filter((file) => statSync(file).mode & 0o100 && firstLine(file).startsWith("#!"));
    t.true(scripts.length > 5);
    for (const script of scripts) {
      const interpreter = firstLine(script).slice(2).trim().split(" ")[0] as string;
      t.true(
        closure.some((path) => interpreter.startsWith(`${path}/`)),
        `${script}: ${interpreter}`,
      );
    }
  });

  test(`${name} is under 100 MB and needs nothing that only its build needed`, (t) => {
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    t.true(bytes < 100e6, `${bytes} bytes`);
    t.deepEqual(
      closure.filter((path) => /\.deb$|-patchelf$|-unpacked-|-cpio-|-kmod-|-source$/.test(path)),
      [],
    );
  });
}
