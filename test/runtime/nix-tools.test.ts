import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";

const project = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(project, path), "utf8");

/** Their programs have to fit the kernel that runs. */
const ofTheKernel = ["bcachefs-tools", "zfs"];

test("the Nix package has every package of nixpkgs that a program which mkimage calls comes from", (t) => {
  const named = [...read("src/runtime/tools.ts").matchAll(/: \["[^"]+", "([^"]+)"\],/g)].map(([, name]) => name ?? "");
  t.true(named.length > 80);
  const lines = read("nix/tools.nix").split("\n");
  const has = (name: string) => lines.some((line) => [name, `${name}.bin`].includes(line.trim()));
  const missing = named.filter((name) => !ofTheKernel.includes(name) && !has(name));
  t.deepEqual([...new Set(missing)], []);
});
