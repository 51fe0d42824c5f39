import type { FileHandle } from "node:fs/promises";
import { uuidBytes } from "../../base/guid.ts";
import { writeFully } from "../file-output.ts";
import { converted } from "./convert.ts";
import type { HeaderIdentity, ImageFormat, ImageReader } from "./format.ts";
import { GiB } from "../../base/units.ts";
import { readHeader } from "./header.ts";

/** `force_size` keeps qemu-img from rounding the size to cylinders. */
const exactSize = "force_size=on";

/** Virtual PC and Hyper-V: what holds nothing takes no space. */
export const vpc: ImageFormat = {
  ending: "vhd",
  largest: 2040 * GiB,
  ...converted({
    name: "vpc",
    driver: "vpc",
    options: ["subformat=dynamic", exactSize],
    normalise: normaliseDynamic,
  }),
};

/** A raw image with a footer, as Azure wants it. */
export const vpcFixed: ImageFormat = {
  ...vpc,
  ...converted({
    name: "vpc-fixed",
    driver: "vpc",
    options: ["subformat=fixed", exactSize],
    normalise: normaliseFixed,
  }),
};

export const vpcReader: ImageReader = {
  endings: [".vhd"],
  isCheckable: false,
  readsPastEnd: true,
  references: parentOfVhd,
};

const footerSize = 512;
/** 2000-01-01, where the format's time begins. */
const epoch = 946_684_800;

/**
 * The footer of a fixed disk: time, UUID, checksum.
 *
 * Source: Microsoft, Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format".
 */
async function normaliseFixed(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const { size } = await file.stat();
  await writeFully(file, await footer(file, size - footerSize, identity), size - footerSize);
}

/** As for a fixed disk, with the copy at the front. The header of the dynamic disk that follows names no time and no UUID. */
async function normaliseDynamic(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  await readHeader(file, footerSize, 1024, "cxsparse");
  await writeFully(file, await footer(file, 0, identity), 0);
  await normaliseFixed(file, identity);
}

async function footer(file: FileHandle, offset: number, identity: HeaderIdentity): Promise<Buffer> {
  const bytes = await readHeader(file, offset, footerSize, "conectix");
  bytes.writeUInt32BE(Math.max(0, identity.time - epoch), 24);
  bytes.writeUInt32BE(0, 64);
  bytes.set(uuidBytes(identity.uuid("vpc disk")), 68);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.writeUInt32BE(~sum >>> 0, 64);
  return bytes;
}

const differencing = 4;

/** Source: Microsoft, "Virtual Hard Disk Image Format Specification 1.0". */
function parentOfVhd(head: Buffer): string | undefined {
  const isVhd = head.toString("latin1", 0, 8) === "conectix";
  return isVhd && head.readUInt32BE(60) === differencing ? "a parent" : undefined;
}
