/**
 * The device of a disk's partition, as the kernel or udev names it: `/dev/sda1`, `/dev/nvme0n1p1`,
 * `/dev/disk/by-id/ata-X-part1`.
 *
 * Source: disk_name() in block/partitions/core.c of Linux; 60-persistent-storage.rules of systemd.
 */
export function partitionPath(disk: string, number: number): string {
  if (disk.startsWith("/dev/disk/")) return `${disk}-part${number}`;
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/**
 * The link to the partition with this name; udev writes what is no plain character as `\xHH`, and leaves what is beyond
 * ASCII as it is.
 *
 * Source: encode_devnode_name() of systemd.
 */
export function partitionLabelPath(label: string): string {
  const encoded = label.replaceAll(/[^0-9A-Za-z#+\-.:=@_/\u0080-\uffff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `/dev/disk/by-partlabel/${encoded}`;
}

/**
 * The device of an opened container. What the device mapper does not take in a name stands there as `\xHH`, byte by byte.
 *
 * Source: dm_task_set_name() of libdevmapper, name mangling.
 */
export function mapperPath(name: string): string {
  const mangled = [...Buffer.from(name)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[0-9A-Za-z#+\-.:=@_]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `/dev/mapper/${mangled.join("")}`;
}
