import test from "ava";
import { identityFrom } from "../../src/base/identity.ts";
import { solveTree } from "../devices/layout/solve-tree.ts";

test("identifiers follow from seed and purpose, and from nothing else", (t) => {
  const identity = identityFrom("seed");
  t.is(identity.uuid("a"), identityFrom("seed").uuid("a"));
  t.not(identity.uuid("a"), identity.uuid("b"));
  t.not(identity.uuid("a"), identityFrom("other").uuid("a"));
  t.not(identityFrom('x","uuid","y').uuid("z"), identityFrom("x").uuid('y","uuid","z'));
  t.is(identity.number32("a"), identityFrom("seed").number32("a"));
});

test("a UUID has version 8 and the variant of RFC 9562; a number has 32 bits", (t) => {
  const identity = identityFrom("seed");
  for (let index = 0; index < 200; index += 1) {
    t.regex(identity.uuid(String(index)), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const number = identity.number32(String(index));
    t.true(Number.isInteger(number) && number > 0 && number < 2 ** 32);
  }
});

test("labels and UUIDs come from the options, from the arguments of mkfs, or from the seed", (t) => {
  const names = (format: string, options: object) => {
    const { label, uuid } =
      solveTree({ disk: { a: { content: { type: "filesystem", format, ...options } } } }).filesystems[0] ?? {};
    return [label, uuid];
  };
  const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";
  t.deepEqual(names("ext4", { label: "root", uuid: uuid.toUpperCase() }), ["root", uuid]);
  t.deepEqual(names("ext4", { extraArgs: ["-L", "root", "-U", uuid] }), ["root", uuid]);
  t.deepEqual(names("xfs", { extraArgs: ["-m", `uuid=${uuid}`] }), [null, uuid]);
  t.deepEqual(names("vfat", { extraArgs: ["-n", "ESP", "-i", "abcd1234"] }), ["ESP", "ABCD-1234"]);
  t.regex(String(names("vfat", {})[1]), /^[0-9A-F]{4}-[0-9A-F]{4}$/);
  t.regex(String(names("ext4", { extraArgs: ["-U", "random"] })[1]), /^[0-9a-f-]{36}$/);
});
