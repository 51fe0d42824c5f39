import { createHash } from "node:crypto";
import test from "ava";
import type { WrittenFilesystem } from "../../../src/filesystems/survey.ts";
import { readImage } from "../../../src/image/chunk.ts";
import { bytesExtent } from "../../../src/image/extent.ts";
import { emptyInstallation, type Installation } from "../../../src/bootloaders/installation.ts";
import { MiB } from "../../../src/base/units.ts";
import { emptyDirectory, insert, makeDirectory } from "../../../src/manifest/tree.ts";
import type { DirectoryInode } from "../../../src/manifest/inode.ts";
import { surveyOf } from "../../../src/pipeline/draft.ts";
import type { ImagePlan, PlannedFilesystem } from "../../../src/pipeline/plan/image-plan.ts";
import { folderOwnership } from "../../../src/pipeline/plan/manifests.ts";
import { draftOf, grub } from "../drafts.ts";

const ownership = folderOwnership(1);

function treeWith(path: string, size: number): DirectoryInode {
  const root = emptyDirectory(ownership);
  makeDirectory(root, path.slice(0, path.lastIndexOf("/")), ownership);
  const content = [bytesExtent(0, Buffer.alloc(size, path))];
  insert(root, path, { type: "file", ...ownership, mode: 0o644, size, content });
  return root;
}

const files = treeWith("nix/store/x/bin/program", 5 * MiB);
const installed: Installation = {
  ...emptyInstallation,
  trees: new Map([["/boot", treeWith("/loader/entry", MiB)]]),
};

/** A plan as it comes out in bytes; where a guest makes it, what it is to hold. */
function outcomeOf({ layout, filesystems, unkept }: ImagePlan): unknown {
  const made = filesystems.map(({ files: all, plan }) => (plan.madeBy === "host" ? sumOf(plan) : [plan, all]));
  return { layout, made, unkept };
}

function sumOf({ size, extents }: WrittenFilesystem): string {
  const sum = createHash("sha256");
  const chunkSize = MiB;
  for (const { offset, bytes } of readImage({ size, extents: extents() }, { chunkSize, memory }))
    sum.update(`${offset} `).update(bytes);
  return sum.digest("hex");
}

function memory(): Uint8Array {
  return Buffer.alloc(MiB + 1);
}

function at(mountpoint: string, { filesystems }: ImagePlan): PlannedFilesystem | undefined {
  return filesystems.find(({ filesystem }) => filesystem.mountpoint === mountpoint);
}

const cases = [
  { partition: "efi" },
  { partition: "efi", size: "1G" },
  { partition: "efi", fsType: "btrfs" },
  { partition: "legacy" },
  { partition: "legacy", size: "1G" },
  { partition: "legacy+boot" },
  { partition: "hybrid" },
];

for (const request of cases) {
  const name = Object.values(request).join(", ");

  test(`${name}: an image with a bootloader is the same whether it was planned without it before or not`, (t) => {
    const { blueprint, survey, versions } = draftOf(request, { installer: grub, files });
    const { additionalSpace } = blueprint.request;
    const afterwards = survey.with(installed);
    const anew = surveyOf({ blueprint, versions }, installed);
    t.is(afterwards.size(additionalSpace), anew.size(additionalSpace));
    t.deepEqual(outcomeOf(afterwards.plan(additionalSpace)), outcomeOf(anew.plan(additionalSpace)));
  });
}

test("what a bootloader does not touch, in files and place, is not laid out again", (t) => {
  const { blueprint, survey, plan } = draftOf({ partition: "efi" }, { installer: grub, files });
  const withIt = survey.with(installed).plan(blueprint.request.additionalSpace);
  t.is(at("/", withIt)?.plan, at("/", plan)?.plan);
  t.not(at("/boot", withIt)?.plan, at("/boot", plan)?.plan);
});

test("a disk of a given size is planned once, whatever room is asked for", (t) => {
  const given = draftOf({ partition: "legacy", size: "1G" }, { installer: grub, files });
  t.is(given.survey.plan(900 * MiB), given.plan);
  const chosen = draftOf({ partition: "legacy" }, { installer: grub, files });
  const space = chosen.blueprint.request.additionalSpace;
  t.is(chosen.survey.plan(space), chosen.plan);
  t.not(chosen.survey.plan(space + 256 * MiB), chosen.plan);
});

test("the size of an image is that of its plan", (t) => {
  const { survey } = draftOf({ partition: "efi" }, { installer: grub, files });
  for (const space of [0, MiB, 300 * MiB]) t.is(survey.size(space), survey.plan(space).layout.disks[0]?.size ?? 0);
});
