import test from "ava";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { installable } from "../../src/nix/configuration.ts";
import { parseFlakeReference, systemSourceOf } from "../../src/nix/source.ts";
import { storePathOf } from "../../src/nix/store-path.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "./nix.ts";

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const references: readonly [text: string, flake: string, name: string | undefined][] = [
  [".", ".", undefined],
  [".#web", ".", "web"],
  ["#web", ".", "web"],
  ["github:someone/systems?dir=hosts#web", "github:someone/systems?dir=hosts", "web"],
  ['.#"host.example"', ".", "host.example"],
  [".#host.example", ".", "host.example"],
  [".#nixosConfigurations.web", ".", "web"],
  [".#nixosConfigurations.web.config.system.build.toplevel", ".", "web"],
];

for (const [text, flake, name] of references) {
  test(`${text} is the system ${name ?? "(the only one)"} of the flake ${flake}`, (t) => {
    t.deepEqual(parseFlakeReference(text), { kind: "flake", flake, ...(name === undefined ? {} : { name }) });
  });
}

test("names that need quotes are quoted, and encoded as a URL wants them", (t) => {
  const attribute = (name: string) =>
    installable({ kind: "flake", flake: ".", name }, "config").map(decodeURIComponent);
  t.deepEqual(attribute("web-1"), [".#nixosConfigurations.web-1.config"]);
  t.deepEqual(attribute("host.example"), ['.#nixosConfigurations."host.example".config']);
  t.deepEqual(attribute("1st"), ['.#nixosConfigurations."1st".config']);
  t.deepEqual(installable({ kind: "flake", flake: ".", name: "a b" }, ""), [".#nixosConfigurations.%22a%20b%22"]);
});

test("a store path, and a link that leads to one, is a system; another folder is a flake", (t) => {
  const path = nixBuild(scratch, alphaAndBeta);
  const link = join(scratch, "result");
  symlinkSync(path, link);
  t.deepEqual(systemSourceOf(path), { kind: "toplevel", path });
  t.deepEqual(systemSourceOf(link), { kind: "toplevel", path: link });
  t.deepEqual(systemSourceOf(`${path.slice(0, 11)}${"0".repeat(32)}-gone`).kind, "toplevel");
  t.deepEqual(systemSourceOf(scratch), { kind: "flake", flake: scratch });
});

const inTheStore = "/nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-beta";
for (const [path, expected] of [
  [inTheStore, inTheStore],
  [`${inTheStore}/bin/x`, inTheStore],
  [`${inTheStore}@2`, undefined],
  ["/nix/store/.links", undefined],
  ["/nix/store", undefined],
  [`/mnt${inTheStore}`, undefined],
] as const) {
  test(`the store path of ${path} is ${expected}`, (t) => t.is(storePathOf(path), expected));
}
