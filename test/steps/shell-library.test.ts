import test from "ava";
import { contentTypes, unitTypes } from "../../src/devices/registry.ts";
import { filesystems } from "../../src/filesystems/registry.ts";
import type { ShellParts } from "../../src/runtime/shell-parts.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { functionsIn, programsBehind, shellLibrary } from "../../src/steps/shell-library.ts";

const adding = [contentTypes, unitTypes, filesystems].flatMap((registry) =>
  Object.values<{ readonly shell?: ShellParts }>(registry),
);
const parts = adding.flatMap(({ shell }) => shell ?? []);
const library = shellLibrary(parts);

for (const [name, { text, needs = [], mayNeed = [] }] of library.functions) {
  test(`${name} says which functions it calls`, (t) => {
    const called = [...library.functions.keys()].filter((other) => other !== name && commandsIn(text).includes(other));
    t.deepEqual([...new Set([...needs, ...mayNeed])].toSorted(), called.toSorted());
  });
}

/** Programs that some functions call only where what they belong to is there. */
const optional: Readonly<Record<string, readonly string[]>> = {
  wait_for_udev: ["udevadm"],
  settle_udev: ["udevadm"],
  wipe_disk: ["zpool"],
};

for (const [name, { text, tools }] of library.functions) {
  test(`${name} says which programs it calls`, (t) => {
    const said = new Set<string>([...tools, ...(optional[name] ?? [])]);
    const called = commandsIn(text).filter((word) => isTool(word) && !builtins.has(word));
    t.deepEqual(
      called.filter((word) => !said.has(word)),
      [],
    );
    t.deepEqual(
      tools.filter((tool) => !new RegExp(`\\b${tool}\\b`).test(text)),
      [],
    );
  });
}

const builtins: ReadonlySet<string> = new Set(["echo", "printf", "test"]);

test("one function waits for udev, since that may have to be asked again", (t) => {
  const waiting = [...library.functions].filter(([, { text }]) => text.includes("udevadm settle"));
  t.deepEqual(
    waiting.map(([name]) => name),
    ["settle_udev"],
  );
});

test("types add nothing under a name that is taken", (t) => {
  const names = [...new Set(parts.map(({ functions }) => functions))].flatMap(Object.keys);
  t.deepEqual(names, [...new Set(names)]);
  const shared = shellLibrary([]).functions;
  t.deepEqual(
    names.filter((name) => shared.has(name)),
    [],
  );
});

test("a script carries what its lines call, with what that calls", (t) => {
  const carried = functionsIn(["close_pool export tank", "assemble_array /dev/md/a"], library);
  t.deepEqual(
    carried.map((text) => /^(\w+)\(\) \{/m.exec(text)?.[1]),
    ["settle_udev", "assemble_array", "holders_of", "close_pool"],
  );
});

test("without types, looking and wiping know of none", (t) => {
  const { functions } = shellLibrary([]);
  t.regex(functions.get("look_at")?.text ?? "", /cannot be read'\n {6}fi/);
  t.notRegex(functions.get("wipe_disk")?.text ?? "", /zpool|holders_of|forget_/);
});

test("the programs of what a function calls count; those of what it calls for what it finds do not", (t) => {
  t.true(programsBehind("claim_device", library).includes("od"), "by way of the copies of a superblock");
  t.false(programsBehind("wipe_disk", library).includes("mdadm"), "a machine without arrays may have none");
  t.deepEqual(programsBehind("mkfs.ext4", library), ["mkfs.ext4"]);
});

/** The first words of the commands in shell lines, roughly, without those of comments. */
function commandsIn(text: string): string[] {
  const lines = text.replaceAll(/^\s*#.*$/gm, "");
  const first = /(?<=(?:^|[|;(&{!]|\b(?:if|then|do|until|exec|while|"?\$\())\s*)[\w.]+(?=[\s;)]|$)/gm;
  return [...lines.matchAll(first)].map(([word]) => word);
}
