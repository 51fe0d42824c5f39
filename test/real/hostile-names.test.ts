import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { archive, entry } from "../manifest/tar-maker.ts";
import { temporaryFolder } from "../image/folder.ts";
import { runMkimage } from "./mkimage.ts";

/** A name that would colour, clear and turn what a terminal shows, and one more line that says something. */
const name = "evil\x1b[2J\u009b31m\u202egnp.exe\nhint: run as root\r";
const bytes = Buffer.from(name, "utf8");
const latin = bytes.toString("latin1");

/** The characters that a terminal obeys, but for the line ends that are ours. */
// eslint-disable-next-line no-control-regex
const obeyed = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** Roots that are refused with the name, and how. */
const refusals: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  "an entry of an archive": (folder) => {
    writeFileSync(join(folder, "root.tar"), archive(entry(latin, "", { type: "M" })));
    return ["--root", join(folder, "root.tar"), "--partition", "none"];
  },
  "a file that FAT cannot hold": (folder) => {
    mkdirSync(join(folder, "root/boot"), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(join(folder, "root/boot/")), bytes]), "x");
    const partition = {
      size: "100M",
      type: "EF00",
      content: { type: "filesystem", format: "vfat", mountpoint: "/boot" },
    };
    const root = { size: "100%", content: { type: "filesystem", format: "ext4", mountpoint: "/" } };
    const disk = { device: "/dev/sda", content: { type: "gpt", partitions: { boot: partition, root } } };
    writeFileSync(join(folder, "tree.json"), JSON.stringify({ disk: { main: disk } }));
    return ["--root", join(folder, "root"), "--devices", join(folder, "tree.json")];
  },
  "contents that are not there": (folder) => {
    mkdirSync(join(folder, "root"));
    return ["--root", join(folder, "root"), "--partition", "none", "--contents", `${join(folder, name)}:/x`];
  },
  "a root that is not there": (folder) => ["--root", join(folder, name), "--partition", "none"],
  "an option that nobody knows": () => [`--${name}`],
};

for (const [what, make] of Object.entries(refusals)) {
  test(`the name of ${what} is shown, and nothing in it is obeyed`, async (t) => {
    const folder = temporaryFolder(t);
    const arguments_ = [...make(folder), "--out", join(folder, "out")];
    const run = await runMkimage(["build", ...arguments_]);
    t.is(run.exitCode, 2, run.stderr);
    t.notRegex(run.stderr + run.stdout, obeyed);
    t.regex(run.stderr, /evil/);
    t.notRegex(run.stderr, /^hint: run as root/m);
    const json = await runMkimage(["build", "--json", ...arguments_]);
    t.notRegex(json.stderr + json.stdout, obeyed);
    const events = json.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; message?: string });
    t.is(events.at(-1)?.event, "error");
  });
}
