import { globSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { groupsOf } from "./groups.ts";

test("files of one folder make a group, by the names that AVA gives them", (t) => {
  t.deepEqual(groupsOf("/p", ["test/base/a.test.ts", "test/base/deep/b.test.ts", "test/cli/a.test.ts"]), {
    base: { a: "/p/test/base/a.test.ts", "deep › b": "/p/test/base/deep/b.test.ts" },
    cli: { a: "/p/test/cli/a.test.ts" },
  });
});

test("files that ask other programs are groups of their own", (t) => {
  t.deepEqual(groupsOf("/p", ["test/base/a.test.ts", "test/base/a.tools.test.ts"]), {
    base: { a: "/p/test/base/a.test.ts" },
    "tools/base": { a: "/p/test/base/a.tools.test.ts" },
  });
});

test("tests of machines, of damaged images and of ZFS are in no group", (t) => {
  t.deepEqual(groupsOf("/p", ["test/real/a.test.ts", "test/fuzz/a.test.ts", "test/zfs/a.test.ts"]), {});
});

test("every other file of this project is in one", (t) => {
  const project = join(import.meta.dirname, "../..");
  const paths = globSync("test/**/*.test.ts", { cwd: project });
  const grouped = Object.values(groupsOf(project, paths)).flatMap((group) => Object.values(group));
  const others = paths.filter((path) => !/^test\/(?:real|fuzz|zfs)\//.test(path));
  t.true(others.length > 200);
  t.deepEqual(grouped.toSorted(), others.map((path) => join(project, path)).toSorted());
});
