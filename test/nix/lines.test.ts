import test from "ava";
import { fieldOf, matchesWildcards, settingOf } from "../../src/nix/lines.ts";

test("a line is a key and what stands behind it", (t) => {
  t.deepEqual(fieldOf("  title \t NixOS 24.11  "), { key: "title", value: "NixOS 24.11" });
  t.is(fieldOf("title"), undefined);
  t.is(fieldOf("   "), undefined);
  t.deepEqual(settingOf(" Type = root "), { key: "Type", value: "root" });
  t.is(settingOf("[Partition]"), undefined);
});

test("wildcards stand for any characters, and for one", (t) => {
  for (const [pattern, name, does] of [
    ["nixos-*", "nixos-generation-1.conf", true],
    ["*.conf", "a.conf", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["*a*b", "xaxbxb", true],
    ["*a*b", "xaxbxc", false],
    ["", "", true],
    ["**", "anything", true],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ] as const)
    t.is(matchesWildcards(pattern, name), does, `${pattern} ${name}`);
});

test("both take time in proportion to what they read", (t) => {
  const start = performance.now();
  t.false(matchesWildcards(`${"*a".repeat(1000)}b`, "a".repeat(5000)));
  t.is(fieldOf(`key ${" x".repeat(1_000_000)}${" ".repeat(1_000_000)}`)?.key, "key");
  t.true(performance.now() - start < 4000);
});
