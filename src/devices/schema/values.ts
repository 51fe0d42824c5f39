import * as z from "zod";

const amount = String.raw`\d+(?:\.\d+)?(?:s|B|[KMGTP](?:i?B)?)?`;

/** A size: `512M`, `10G`, `1MiB`, `2048s` or a bare number of sectors. */
export const sizeText = matching(`^${amount}$`, "a size such as 512M, 10G or 2048s");

/** The size of a GPT partition: as above, or a share of the disk. */
export const partitionSizeText = matching(
  `^(?:${amount}|\\d+(?:\\.\\d+)?%)$`,
  "a size such as 512M, 10G, 2048s, 50% or 100%",
);

/** A place on a GPT disk: absolute, `+` from the start of the partition or the free space, `-` from its end. */
export const positionText = matching(`^[+-]?${amount}$`, "a position such as 0, 34s, 1M, +512M or -1G");

/** A place as parted reads it: `0%`, `100%`, `1MiB`, `2048s`, `500M` (millions of bytes), `-1s`. */
export const partedPositionText = matching(
  String.raw`^-?\d+(?:\.\d+)?(?:%|s|B|[kKMGTP](?:i?B)?)?$`,
  "a position as parted reads it, such as 1MiB, 2048s, 500M or 100%",
);

export const guid = matching(
  "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
  "a GUID such as 97fd5997-f390-0b4a-a3f8-d106c1723aea",
);

/** The size of a logical volume: a length, or a share of the group, of what is free, or of the pool. */
export const logicalVolumeSizeText = matching(
  `^(?:${amount}|\\d+(?:\\.\\d+)?%(?:FREE|VG|PVS)?)$`,
  "a size such as 10G, 100%FREE or 50%VG",
);

/** A partition type: a code of sgdisk, or a GUID. */
export const partitionTypeText = matching(
  "^(?:[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$",
  "a code of sgdisk such as 8300 or EF00, or a GUID",
);

/** The type byte of an MBR partition. */
export const mbrTypeText = matching("^(?:0[xX])?[0-9A-Fa-f]{1,2}$", "a hexadecimal byte such as 0x0c");

function matching(pattern: string, what: string) {
  return z.string().regex(new RegExp(pattern, "i"), `must be ${what}`);
}
