import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool } from "../../src/runtime/tools.ts";

/** The bytes of a disk whose table sgdisk made (sectors of 512 bytes). */
export function diskBySgdisk(size: number, ...arguments_: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-gpt-"));
  const path = join(folder, "disk");
  try {
    writeFileSync(path, "");
    truncateSync(path, size);
    execFileSync(findTool("sgdisk"), [...arguments_, path], { stdio: "pipe" });
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
