import test from "ava";
import { bytesExtent, fileExtent } from "../../../src/image/extent.ts";
import { privateTo, withoutPrivate } from "../../../src/pipeline/plan/private-files.ts";

test("files and what is in folders is private, and nothing whose name only begins alike", (t) => {
  const isPrivate = privateTo(["/home/me/key", "/home/me/keys/"]);
  const extents = [
    bytesExtent(0, Buffer.from("open")),
    fileExtent(4096, 10, "/home/me/key"),
    fileExtent(8192, 10, "/home/me/keys/of/mine"),
    fileExtent(12288, 10, "/home/me/key.pub"),
    fileExtent(16384, 10, "/home/me/keyring/public"),
  ];
  t.deepEqual(
    [...withoutPrivate(extents, isPrivate)].map(({ offset }) => offset),
    [0, 12288, 16384],
  );
});

test("where nothing is private, nothing is left out", (t) => {
  const extents = [fileExtent(0, 10, "/home/me/key")];
  t.deepEqual([...withoutPrivate(extents, privateTo([]))], extents);
});
