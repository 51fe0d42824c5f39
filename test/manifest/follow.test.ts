import test from "ava";
import { follow, followToFile } from "../../src/manifest/follow.ts";
import { file, folder, symlink } from "../filesystems/ext4/trees.ts";

// Links of an image are as hostile as all else in it.

const steps = (count: number) => ({
  ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index + 1}`, symlink(`l${index}`)])),
  l0: file("the end"),
});

test("links lead on, and stay inside of the root", (t) => {
  const root = folder({
    a: symlink("/b/../c"),
    b: folder({}),
    c: folder({ d: file("x") }),
    out: symlink("../../../c/d"),
  });
  t.is(follow(root, "a/d"), "c/d");
  t.is(follow(root, "out"), "c/d");
  t.is(followToFile(root, "out")?.size, 1);
});

for (const [what, root, path] of [
  ["in circles", folder({ a: symlink("b"), b: symlink("/a") }), "a"],
  ["to themselves, and further", folder({ a: symlink("a/a/a/a") }), "a"],
  ["that double with each step", folder({ a: symlink("b/b"), b: symlink("c/c"), c: symlink("a/a") }), "a"],
  ["one behind the other, more than Linux follows", folder(steps(41)), "l41"],
  ["with more text than paths have", folder({ a: symlink(`${"./".repeat(2000)}a`) }), "a"],
  ["to what is not there", folder({ a: symlink("nothing") }), "a"],
] as const) {
  test(`links ${what} lead nowhere`, (t) => {
    t.is(follow(root, path), undefined);
    t.is(followToFile(root, path), undefined);
  });
}

test("forty links are followed, as by Linux", (t) => {
  t.is(follow(folder(steps(40)), "l40"), "l0");
});
