import test from "ava";
import { refused } from "../../../src/devices/changes/difference.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import { commandsOf } from "../../steps/fixtures.ts";
import { differenceOf, madeFrom, oneDisk, saidOf, withFacts } from "./found-disks.ts";

// Names that say one thing, and what is behind them another: nothing is renamed into a role that it does not have.

const ext4 = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "ext4", mountpoint, ...more });
const uuid = (digit: number) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;

/** Each thing of two partitions, and of two volumes: what is in them by their names. */
const places: Readonly<Record<string, { readonly of: (contents: object) => DeviceTree; readonly path: string }>> = {
  partitions: {
    path: "disk.main.content.partitions",
    of: (contents) => oneDisk(sized(contents)),
  },
  volumes: {
    path: "lvm_vg.pool.lvs",
    of: (contents) =>
      oneDisk(
        { pv: { size: "100%", content: { type: "lvm_pv", vg: "pool" } } },
        { lvm_vg: { pool: { lvs: sized(contents) } } },
      ),
  },
};

function sized(contents: object) {
  return Object.fromEntries(Object.entries(contents).map(([key, content]) => [key, { size: "512M", content }]));
}

for (const [kind, { of, path }] of Object.entries(places)) {
  for (const [what, old, wanted] of [
    [
      "labels",
      { root: ext4("/x", { label: "top" }), home: ext4("/y", { label: "people" }) },
      { root: ext4("/", { label: "people" }), home: ext4("/home", { label: "top" }) },
    ],
    ["mount points", { root: ext4("/"), home: ext4("/home") }, { root: ext4("/home"), home: ext4("/") }],
    [
      "one name, and the content of another that is new",
      { root: ext4("/x", { label: "people" }) },
      { root: ext4("/", { label: "top" }), home: ext4("/home", { label: "people" }) },
    ],
  ] as const) {
    test(`${kind}: crossed ${what} are refused, and nothing is renamed`, (t) => {
      const difference = differenceOf(of(wanted), madeFrom(of(old)));
      t.true(refused(difference).some((one) => one.path === `${path}.root` && one.state === "unknown"));
      t.deepEqual(difference.steps, []);
    });
  }

  test(`${kind}: a name that another one has in the meantime is not given to the content that had it`, (t) => {
    const old = madeFrom(of({ root: ext4("/x", { label: "top" }), system: ext4("/y") }));
    const difference = differenceOf(of({ system: ext4("/", { label: "top" }) }), old);
    t.true(refused(difference).some((one) => one.path === `${path}.system`));
  });

  test(`${kind}: what is known by its content is renamed`, (t) => {
    const difference = differenceOf(
      of({ system: ext4("/", { label: "top" }) }),
      madeFrom(of({ root: ext4("/x", { label: "top" }) })),
    );
    t.deepEqual(refused(difference), []);
    t.is(commandsOf(difference.steps, "lvrename", "change_table").length, 1);
  });
}

test("a number is no name: another filesystem at the place of a new one is not renamed into it", (t) => {
  const esp = { type: "EF00", size: "100M", content: { type: "filesystem", format: "vfat", mountpoint: "/boot" } };
  const found = madeFrom(oneDisk({ esp, old: { size: "1G", content: ext4("/old") } }));
  const difference = differenceOf(oneDisk({ esp, root: { size: "1G", content: ext4("/") } }), found);
  t.regex(
    refused(difference)[0]?.refusal ?? "",
    /it could be partition 2 \(disk-main-old\).*one of its own if it is none/,
  );
  const own = { size: "1G", uuid: uuid(7), content: ext4("/") };
  const known = withFacts(found, { "disk.main.content.partitions.old": { uuid: uuid(8) } });
  t.deepEqual(saidOf(differenceOf(oneDisk({ esp, root: own }), known)), [
    "disk.main.root missing additive",
    "disk.main.root missing free",
    "disk.main.old extra none",
  ]);
});

test("a name and a label that change at once, with the order, are no new partition unless the old one is let go, or it has a UUID of its own", (t) => {
  const labelled = (label: string) => ({ type: "filesystem", format: "ext4", label });
  const root = { size: "1G", content: ext4("/", { label: "root" }) };
  const found = withFacts(madeFrom(oneDisk({ data: { size: "1G", content: labelled("data") }, root })), {
    "disk.main.content.partitions.data": { uuid: uuid(8) },
  });
  const renamed = (more: object = {}) => oneDisk({ root, zdata: { size: "1G", content: labelled("zdata"), ...more } });
  t.regex(
    refused(differenceOf(renamed(), found))[0]?.refusal ?? "",
    /it could be partition 1 \(disk-main-data\).*give it the UUID of the one that is meant/,
  );
  const meant = differenceOf(renamed({ uuid: uuid(8) }), found);
  t.deepEqual(refused(meant), []);
  t.is(commandsOf(meant.steps, "change_table").length, 1);
  t.false(saidOf(meant).includes("disk.main.data extra none"));
  t.deepEqual(refused(differenceOf(renamed({ uuid: uuid(7) }), found)), []);
  const gone = differenceOf(renamed(), found, ["disk.main.content.partitions.data"]);
  t.deepEqual(refused(gone), []);
  t.true(saidOf(gone).includes("disk.main.zdata missing additive"));
});

test("a UUID of what is in it is the last word: two partitions exchange their names in one write, two volumes cannot", (t) => {
  const old = { root: ext4("/", { uuid: uuid(1) }), home: ext4("/home", { uuid: uuid(2) }) };
  const wanted = { root: ext4("/", { uuid: uuid(2) }), home: ext4("/home", { uuid: uuid(1) }) };
  const [partitions, volumes] = Object.values(places).map(({ of }) => differenceOf(of(wanted), madeFrom(of(old))));
  t.deepEqual(partitions && refused(partitions), []);
  const names = partitions?.nodes.flatMap(({ properties }) => properties.filter(({ name }) => name === "name"));
  t.deepEqual(
    names?.map(({ to }) => to),
    ["disk-main-home", "disk-main-root"],
  );
  t.is(volumes && refused(volumes).filter(({ state }) => state === "unknown").length, 2);
});
