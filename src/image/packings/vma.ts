import { createHash } from "node:crypto";
import { uuidBytes } from "../../base/guid.ts";
import { type Bytes, KiB, roundUp } from "../../base/units.ts";
import { closeRanks, dataRuns } from "../data-runs.ts";
import { bytesExtent, type Extent, lengthOf, type Run } from "../extent.ts";
import type { Image } from "../image.ts";
import { splitWhole } from "../pieces.ts";
import type { Archive, ArchivedDisk, DescribedMachine } from "./archive.ts";

/**
 * Proxmox: a machine's settings and its disk, without what holds nothing.
 *
 * Source: Proxmox, pve-qemu, "vma_spec.txt", "vma.h", "vma-writer.c".
 */
export const vma: Archive = { ending: "vma.zst", format: "raw", compress: "zstd", layOut };

const block: Bytes = 4 * KiB;
const cluster: Bytes = 64 * KiB;
const clustersInGroup = 59;
/** Clusters that stand behind a header of their own. VMA calls them an extent. */
const group: Bytes = clustersInGroup * cluster;
const groupHeaderSize = 512;
/** The first that there is. */
const device = 1;
const deviceName = "drive-virtio0";

function layOut({ file, machine, identity }: ArchivedDisk): Image {
  const uuid = uuidBytes(identity.uuid("vma archive"));
  const head = archiveHeader(file.size, machine, uuid, identity.time);
  const extents = [...file.extents];
  const groups = () => groupsOf({ size: file.size, extents });
  const size = groups().reduce((sum, { runs }) => sum + groupHeaderSize + lengthOf(runs), head.length);
  return { size, extents: archiveExtents(head, groups(), uuid) };
}

/** Consecutive clusters, the last group with those that are left, and the blocks of them that hold data. */
interface Group {
  readonly index: number;
  readonly clusters: number;
  readonly extents: readonly Extent[];
  readonly runs: readonly Run[];
}

function* groupsOf(image: Image): Generator<Group> {
  for (const { offset, length, extents } of splitWhole(image, group)) {
    yield {
      index: offset / group,
      clusters: Math.ceil(length / cluster),
      extents,
      runs: dataRuns(extents, block),
    };
  }
}

function* archiveExtents(head: Buffer, groups: Iterable<Group>, uuid: Buffer): Generator<Extent> {
  yield bytesExtent(0, head);
  let place = head.length;
  for (const one of groups) {
    yield bytesExtent(place, groupHeader(one, uuid));
    place += groupHeaderSize;
    yield* closeRanks(one.extents, one.runs, place);
    place += lengthOf(one.runs);
  }
}

/** Magic, number of blocks, UUID, MD5 of this header; for each cluster a bit for each block that is there, device and number. */
function groupHeader({ index, clusters, runs }: Group, uuid: Buffer): Buffer {
  const head = Buffer.alloc(groupHeaderSize);
  head.write("VMAE", 0);
  head.writeUInt16BE(lengthOf(runs) / block, 6);
  head.set(uuid, 8);
  const masks = masksOf(runs, index * group);
  for (let number = 0; number < clusters; number += 1) {
    const at = 40 + number * 8;
    head.writeUInt16BE(masks[number] ?? 0, at);
    head.writeUInt8(device, at + 3);
    head.writeUInt32BE(index * clustersInGroup + number, at + 4);
  }
  return withMd5(head, 24);
}

/** The first block has the lowest bit. */
function masksOf(runs: readonly Run[], start: Bytes): Uint16Array {
  const masks = new Uint16Array(clustersInGroup);
  for (const { offset, length } of runs) {
    for (let at = offset - start; at < offset - start + length; at += block) {
      const number = Math.floor(at / cluster);
      masks[number] = (masks[number] ?? 0) | (1 << ((at % cluster) / block));
    }
  }
  return masks;
}

const blobsAt = 12_288;
const devicesAt = 4096;
const configNamesAt = 2044;
const configDataAt = 3068;

function archiveHeader(size: Bytes, machine: DescribedMachine, uuid: Buffer, time: number): Buffer {
  const blobs = new Blobs();
  const deviceBlob = blobs.add(`${deviceName}\0`);
  const configName = blobs.add("qemu-server.conf\0");
  const config = blobs.add(settingsText(machine));
  const table = blobs.bytes();
  const head = Buffer.concat([Buffer.alloc(blobsAt), table]);
  head.write("VMA\0", 0);
  head.writeUInt32BE(1, 4);
  head.set(uuid, 8);
  head.writeBigUInt64BE(BigInt(time), 24);
  [blobsAt, table.length, head.length].forEach((value, index) => head.writeUInt32BE(value, 48 + index * 4));
  head.writeUInt32BE(configName, configNamesAt);
  head.writeUInt32BE(config, configDataAt);
  head.writeUInt32BE(deviceBlob, devicesAt + device * 32);
  head.writeBigUInt64BE(BigInt(size), devicesAt + device * 32 + 8);
  return withMd5(head, 32);
}

/** Texts, each behind its length in two bytes. The first place is 1, since 0 stands for none. */
class Blobs {
  readonly #parts = [Buffer.alloc(1)];
  #end = 1;

  add(text: string): number {
    const place = this.#end;
    const part = Buffer.concat([Buffer.alloc(2), Buffer.from(text)]);
    part.writeUInt16LE(part.length - 2, 0);
    this.#parts.push(part);
    this.#end += part.length;
    return place;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts, roundUp(this.#end, 512));
  }
}

/** The settings of a virtual machine in Proxmox's terms, with where its disk goes. */
function settingsText({ name, firmware, memory, processors, settings }: DescribedMachine): string {
  const all = {
    agent: "1",
    bios: firmware === "uefi" ? "ovmf" : "seabios",
    boot: "order=virtio0",
    cores: String(processors),
    memory: String(memory),
    name,
    net0: "virtio=00:00:00:00:00:00,bridge=vmbr0,firewall=1",
    ostype: "l26",
    scsihw: "virtio-scsi-single",
    serial0: "socket",
    virtio0: "local-lvm:vm-9999-disk-0",
    ...settings,
  };
  const storage = all.virtio0.split(":")[0] ?? "";
  const lines = Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...lines.map(([key, value]) => `${key}: ${value}`),
    `#qmdump#map:virtio0:${deviceName}:${storage}:raw:`,
    "",
  ].join("\n");
}

/** The sum is made with zeros in its place. */
function withMd5(head: Buffer, at: number): Buffer {
  head.set(createHash("md5").update(head).digest(), at);
  return head;
}
