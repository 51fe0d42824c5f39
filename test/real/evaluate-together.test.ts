import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveSystem } from "../../src/nix/resolve.ts";
import { parseFlakeReference } from "../../src/nix/source.ts";
import { evaluateSettings } from "../../src/pipeline/evaluate-settings.ts";
import { evaluateTogether } from "../../src/pipeline/evaluate-together.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { GiB } from "../../src/base/units.ts";
import { derivation, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { withEachNix } from "../nix/nixes.ts";
import { fakeHost } from "../pipeline/fake-host.ts";
import { runMkimage } from "./mkimage.ts";

const testWithEachNix = withEachNix(test);

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

/** A configuration whose GRUB is on a disk of its own. */
function configuration(name: string): string {
  const script = "mkdir $out; echo > $out/init; echo > $out/kernel; echo 25.05 > $out/nixos-version";
  const toplevel = derivation(`nixos-system-${name}`, script).replace("builtins.currentSystem", '"x86_64-linux"');
  return `{ config = { boot.loader.grub.devices = [ "/dev/${name}" ]; system.build.toplevel = ${toplevel}; }; }`;
}

function flake(systems: string, settings = ""): string {
  const folder = mkdtempSync(join(scratch, "flake-"));
  const outputs = `{ self }: { nixosConfigurations = { ${systems} }; }`;
  writeFileSync(join(folder, "flake.nix"), `{ ${settings} outputs = ${outputs}; }`);
  return folder;
}

const hostile = "db.example \\${x}";
const [web, database] = [`web = ${configuration("web")};`, `"${hostile}" = ${configuration("db")};`];
const request = parseRequest({}, {});

testWithEachNix("what is found together is what is found one by one", async (t) => {
  const folder = flake(web + database);
  const names = [`${folder}#web`, `${folder}#db.example \${x}`];
  const { context, notes } = fakeHost(t);
  const found = await evaluateTogether(request, names, context);
  t.deepEqual([...found.keys()], names);
  for (const name of names) {
    const source = parseFlakeReference(name) as { kind: "flake"; flake: string; name: string };
    const { derivation: toplevel, ...settings } = found.get(name) ?? {};
    t.deepEqual(settings, await evaluateSettings(source, true, {}));
    const ask = async () => ({ configuration: source, derivation: toplevel, asked: settings });
    t.is((await resolveSystem(source, { ask })).toplevel, (await resolveSystem(source)).toplevel);
  }
  t.deepEqual(notes, []);
});

testWithEachNix("where one fails nothing is found, and it is said why", async (t) => {
  const folder = flake(`${web} broken = throw "nobody set it";`);
  const { context, notes } = fakeHost(t);
  const found = await evaluateTogether(request, [`${folder}#web`, `${folder}#broken`], context);
  t.is(found.size, 0);
  t.is(notes.length, 1);
  t.regex(notes[0] ?? "", /2 systems of .* are evaluated one by one, since together it failed: error: nobody set it/);
});

testWithEachNix("a flake with settings for Nix has its systems built by their names", async (t) => {
  const folder = flake(web + database, "nixConfig.max-jobs = 1;");
  const { context } = fakeHost(t);
  const found = await evaluateTogether(request, [`${folder}#web`, `${folder}#db.example \${x}`], context);
  t.deepEqual(
    [...found.values()].map((one) => [one.boot.devices, one.derivation]),
    [
      [["/dev/web"], undefined],
      [["/dev/db"], undefined],
    ],
  );
});

test("a derivation that a garbage collection took is made anew", async (t) => {
  const source = { kind: "flake", flake: flake(web), name: "web" } as const;
  const gone = "/nix/store/00000000000000000000000000000000-nixos-system-web.drv";
  const ask = async () => ({ configuration: source, derivation: gone, asked: undefined });
  t.regex((await resolveSystem(source, { ask })).toplevel, /-nixos-system-web$/);
});

const folders = { one: flake(web + database), other: flake(web + database) };
const both = (folder: string) => [`${folder}#web`, `${folder}#db.example \${x}`];
const apart: readonly [what: string, systems: readonly string[], memory: number, wishes: object, found: number][] = [
  ["of two flakes those of each", [...both(folders.one), ...both(folders.other)], 64 * GiB, {}, 4],
  ["one that is alone in its flake", [...both(folders.one), `${folders.other}#web`], 64 * GiB, {}, 2],
  [
    "one that is named twice, and nothing else of its flake",
    [`${folders.one}#web`, `${folders.one}#web`],
    64 * GiB,
    {},
    0,
  ],
  [
    "flakes that name no system, and paths in the store",
    [folders.one, folders.other, "/nix/store/x-y"],
    64 * GiB,
    {},
    0,
  ],
  ["little memory", both(folders.one), 1.5 * GiB, {}, 0],
  ["attributes of a file", both(folders.one), 64 * GiB, { file: "systems.nix" }, 0],
  ["a folder in place of a system", both(folders.one), 64 * GiB, { root: "/tree" }, 0],
];

for (const [what, systems, memory, wishes, count] of apart) {
  test(`evaluated together: ${what}: ${count}`, async (t) => {
    const { context } = fakeHost(t, { host: { availableMemory: () => memory } });
    t.is((await evaluateTogether({ ...request, ...wishes }, systems, context)).size, count);
  });
}

test("systems for several machines are evaluated together, and none for machines that are only looked at", async (t) => {
  const folder = flake(web + database);
  const machines = [`${folder}#web`, "root@127.0.0.1", `${folder}#db.example \${x}`, "root@localhost"];
  // Nothing listens there.
  const words = ["deploy", ...machines, "-p", "1", "--yes-wipe-all-disks", "--verbose"];
  t.regex((await runMkimage(words)).stderr, /^Evaluating the systems/m);
  t.notRegex((await runMkimage([...words, "--phases", "facts"])).stderr, /Evaluating/);
});
