import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, mkimage, type RunOptions, runMkimage, testFolder } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

/** An image of a folder, by the flags, in `out`. */
async function buildIn(t: ExecutionContext, out: string, flags: readonly string[], options: RunOptions = {}) {
  const request = ["--root", "vm", "--owner", "root", "--partition", "efi", "--additional-space", "64M", "--checksum"];
  const { stdout } = await mkimage(t, ["build", ...request, ...flags, "--out", out], options);
  return { file: stdout.trim(), report: JSON.parse(readFileSync(join(out, "image.json"), "utf8")) as Report };
}

interface Report {
  readonly format: string;
  readonly compress: string | null;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

const sumOf = (path: string) => judge("sha256sum", path).split(" ")[0];
const unpackedSum = (program: string, path: string) =>
  judge("bash", "--norc", "-euo", "pipefail", "-c", '"$0" --decompress --stdout "$1" | sha256sum', program, path).split(
    " ",
  )[0];

test("a compressed raw image is the raw image, and no file of that is written; its block map is found by bmaptool", async (t) => {
  const folder = testFolder(t);
  const plain = await buildIn(t, join(folder, "plain"), ["--bmap"]);
  const map = readFileSync(join(folder, "plain/nixos.img.bmap"), "utf8");
  t.deepEqual(
    plain.report.files.map(({ name }) => name),
    ["nixos.img", "nixos.img.bmap"],
  );
  for (const [name, ending] of [
    ["zstd", "zst"],
    ["gzip", "gz"],
  ] as const) {
    const out = join(folder, name);
    const { file, report } = await buildIn(t, out, ["--compress", name, "--bmap"]);
    t.is(file, join(out, `nixos.img.${ending}`));
    judge(name, "--test", file);
    t.is(unpackedSum(name, file), sumOf(plain.file), name);
    t.like(report, { format: "raw", compress: name });
    t.is(report.files.find((one) => one.name === `nixos.img.${ending}`)?.sha256, sumOf(file));
    t.is(readFileSync(join(out, "nixos.img.bmap"), "utf8"), map);
    t.is(
      readFileSync(join(out, "nix-support/hydra-build-products"), "utf8"),
      `file other ${out}/nixos.img.bmap\nfile raw-image ${file}\n`,
    );
    const copy = join(folder, `${name}.copy`);
    judge("truncate", "--size", String(statSync(plain.file).size), copy);
    judge("bmaptool", "copy", file, copy);
    t.is(sumOf(copy), sumOf(plain.file), "bmaptool finds the map by the image's name");
  }
});

test("a compressed image has the same bytes on one processor, on another day and for another user's umask", async (t) => {
  const folder = testFolder(t);
  for (const name of ["zstd", "gzip"]) {
    const here = await buildIn(t, join(folder, `${name}-here`), ["--compress", name]);
    const through = ["taskset", "--cpu-list", "0", "sh", "-c", 'umask 077; exec "$@"', "sh", "faketime", "-f", "+500d"];
    const there = await buildIn(t, join(folder, `${name}-there`), ["--compress", name], { through });
    t.is(sumOf(here.file), sumOf(there.file), name);
  }
});

test("an image of another format is compressed too", async (t) => {
  const folder = testFolder(t);
  const plain = await buildIn(t, join(folder, "plain"), ["--format", "qcow2"]);
  const { file } = await buildIn(t, join(folder, "packed"), ["--format", "qcow2", "--compress", "gzip"]);
  t.regex(file, /nixos\.qcow2\.gz$/);
  t.is(unpackedSum("gzip", file), sumOf(plain.file));
  t.is(readFileSync(join(folder, "packed/nix-support/hydra-build-products"), "utf8"), `file qcow2-image ${file}\n`);
});

if (isLong) {
  test("what a guest has filled is compressed, and mapped without its holes", async (t) => {
    const folder = testFolder(t);
    const flags = [
      "--partition",
      "efi",
      "--fs-type",
      "xfs",
      "--no-install-boot-loader",
      "--compress",
      "zstd",
      "--bmap",
    ];
    await mkimage(t, ["build", demoSystem("systemd-boot"), ...flags, "--out", join(folder, "out")]);
    const [raw, map] = [join(folder, "raw"), join(folder, "out/nixos.img.bmap")];
    judge("zstd", "--decompress", "-o", raw, join(folder, "out/nixos.img.zst"));
    judge("truncate", "--size", String(statSync(raw).size), join(folder, "copy"));
    judge("bmaptool", "copy", "--bmap", map, raw, join(folder, "copy"));
    t.is(sumOf(join(folder, "copy")), sumOf(raw));
    const count = (name: string) => Number(new RegExp(`<${name}> (\\d+)`).exec(readFileSync(map, "utf8"))?.[1]);
    // 512 MiB of it are free.
    t.true(count("MappedBlocksCount") < count("BlocksCount") - 100_000);
  });
}

test("plan names the compressed file, verify says what to do with it, and a map is of a raw image only", async (t) => {
  const folder = testFolder(t);
  const request = ["--root", "vm", "--owner", "root", "--partition", "efi", "--additional-space", "64M"];
  const { stdout } = await mkimage(t, ["plan", ...request, "--compress", "zstd"]);
  t.regex(stdout, /^image {7}result\/nixos\.img\.zst \(raw\)$/m);
  const { file } = await buildIn(t, join(folder, "out"), ["--compress", "zstd"]);
  const verified = await runMkimage(["verify", file]);
  t.is(verified.exitCode, 18);
  t.regex(verified.stdout + verified.stderr, /compressed as a whole by zstd: unpack it/);
  const map = await runMkimage(["build", ...request, "--format", "qcow2", "--bmap", "--out", join(folder, "none")]);
  t.is(map.exitCode, 2);
  t.regex(map.stderr, /--bmap: is of a raw image, and --format is qcow2; drop one of the two/);
  t.false(existsSync(join(folder, "none")));
});
