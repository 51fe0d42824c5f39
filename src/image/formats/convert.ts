import { rmSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { run } from "../../runtime/run.ts";
import type { DiskSource } from "../disk-source.ts";
import type { Driver, HeaderIdentity, ImageFormat, WriteOptions } from "./format.ts";
import { writeRawFile } from "./raw.ts";

/** The properties of one format that qemu-img makes. */
interface Conversion {
  readonly name: string;
  readonly driver: Driver;
  /** The options for `qemu-img convert -o`. */
  readonly options: readonly string[];
  /**
   * Replaces what qemu-img takes from the clock, from random numbers and from the file's name.
   *
   * @throws MkimageError BAD_IMAGE for a file that is not what qemu-img makes.
   */
  normalise(file: FileHandle, identity: HeaderIdentity): Promise<void>;
}

/** The part of a format that qemu-img makes: a raw file is written, converted and patched. */
export function converted(conversion: Conversion): Pick<ImageFormat, "driver" | "tools" | "write"> {
  return {
    driver: conversion.driver,
    tools: ["qemu-img"],
    write: (disk, target, options) => convert(conversion, disk, target, options),
  };
}

/** The same disk and identity give the same bytes. */
async function convert(conversion: Conversion, disk: DiskSource, target: string, options: WriteOptions): Promise<void> {
  const { reporter, signal, identity } = options;
  const source = `${target}.raw`;
  await writeRawFile(disk, source, options);
  const { size } = statSync(source);
  await reporter.task(`Converting the image to ${conversion.name}`, async (task) => {
    const onOutput = (text: string) => {
      const percent = progressOf(text);
      if (percent !== undefined) task.progress(Math.round((size * percent) / 100), size);
    };
    const arguments_ = convertArguments(conversion, source, target);
    await run("qemu-img", arguments_, { signal, onOutput, deadlineSeconds: 24 * 3600 });
    await using file = await open(target, "r+");
    await conversion.normalise(file, identity);
  });
  rmSync(source);
}

/** Arguments for qemu-img. Paths are made absolute, so that none is taken for an option or a protocol. */
export function convertArguments(
  { driver, options }: Pick<Conversion, "driver" | "options">,
  source: string,
  target: string,
): string[] {
  const settings = options.length === 0 ? [] : ["-o", options.join(",")];
  return ["convert", "-p", "-f", "raw", "-O", driver, ...settings, resolve(source), resolve(target)];
}

/** The last percentage in a piece of qemu-img's output, which separates them by carriage returns. */
export function progressOf(text: string): number | undefined {
  const percent = [...text.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
  return percent === undefined ? undefined : Number(percent);
}
