import { createHash } from "node:crypto";
import { type Bytes, MiB } from "../../base/units.ts";
import { readImage } from "../chunk.ts";
import { bytesExtent } from "../extent.ts";
import type { Image } from "../image.ts";
import type { ArchivedDisk } from "./archive.ts";
import type { TarMember } from "./tar.ts";

/**
 * The files of a machine in the Open Virtualization Format: its description, its disk, and the sums of both.
 *
 * Source: DMTF, DSP0243 1.1.0, 5 "OVF package", 7 "OVF descriptor"; resource types: DMTF, CIM_ResourceAllocationSettingData.
 *
 * @param name of the files, without an ending.
 */
export function ovfMembers(name: string, disk: ArchivedDisk): TarMember[] {
  const [descriptor, diskFile] = [`${name}.ovf`, `${name}-disk001.vmdk`];
  const text = Buffer.from(descriptorText(diskFile, disk));
  const sums = [
    `SHA256(${descriptor})= ${createHash("sha256").update(text).digest("hex")}`,
    `SHA256(${diskFile})= ${sumOf(disk.file)}`,
  ];
  return [
    { name: descriptor, file: imageOfBytes(text) },
    { name: diskFile, file: disk.file },
    { name: `${name}.mf`, file: textImage(sums) },
  ];
}

/** A file of these lines. */
export function textImage(lines: readonly string[]): Image {
  return imageOfBytes(Buffer.from(`${lines.join("\n")}\n`));
}

function imageOfBytes(bytes: Uint8Array): Image {
  return { size: bytes.length, extents: [bytesExtent(0, bytes)] };
}

const chunkSize: Bytes = MiB;

/** SHA-256 of an image's bytes. */
function sumOf(image: Image): string {
  const [memory, zeros] = [new Uint8Array(chunkSize + 1), new Uint8Array(chunkSize)];
  const hash = createHash("sha256");
  let end = 0;
  const skipTo = (offset: Bytes): void => {
    for (; end < offset; end += Math.min(chunkSize, offset - end)) hash.update(zeros.subarray(0, offset - end));
  };
  for (const { offset, bytes } of readImage(image, { chunkSize, memory: () => memory })) {
    skipTo(offset);
    hash.update(bytes);
    end += bytes.length;
  }
  skipTo(image.size);
  return hash.digest("hex");
}

function descriptorText(diskFile: string, { file, capacity, machine }: ArchivedDisk): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope ovf:version="1.0" xml:lang="en-US" ${namespaces}>
  <References>
    <File ovf:id="file1" ovf:href="${escaped(diskFile)}" ovf:size="${file.size}"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="${capacity}" ovf:format="${streamOptimized}"/>
  </DiskSection>
  <NetworkSection>
    <Info>Logical networks</Info>
    <Network ovf:name="NAT">
      <Description>Behind the host's own address</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${escaped(machine.name)}">
    <Info>A virtual machine</Info>
    <OperatingSystemSection ovf:id="${linuxOf64Bits}">
      <Info>The operating system</Info>
      <Description>Linux_64</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${escaped(machine.name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
${hardwareOf(machine).map(itemText).join("\n")}
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

const cim = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2";
const namespaces = [
  'xmlns="http://schemas.dmtf.org/ovf/envelope/1"',
  'xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"',
  `xmlns:rasd="${cim}/CIM_ResourceAllocationSettingData"`,
  `xmlns:vssd="${cim}/CIM_VirtualSystemSettingData"`,
].join(" ");
const streamOptimized = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
/** Source: DMTF, CIM_OperatingSystem.OsType. */
const linuxOf64Bits = 101;

type Item = Readonly<Record<string, string | number>>;

function hardwareOf({ processors, memory }: ArchivedDisk["machine"]): Item[] {
  return [
    { ElementName: `${processors} virtual CPU`, InstanceID: 1, ResourceType: 3, VirtualQuantity: processors },
    {
      AllocationUnits: "byte * 2^20",
      ElementName: `${memory} MiB`,
      InstanceID: 2,
      ResourceType: 4,
      VirtualQuantity: memory,
    },
    { Address: 0, ElementName: "sata0", InstanceID: 3, ResourceSubType: "AHCI", ResourceType: 20 },
    {
      AddressOnParent: 0,
      ElementName: "disk1",
      HostResource: "ovf:/disk/disk1",
      InstanceID: 4,
      Parent: 3,
      ResourceType: 17,
    },
    {
      AutomaticAllocation: "true",
      Connection: "NAT",
      ElementName: "Ethernet adapter on NAT",
      InstanceID: 5,
      ResourceSubType: "E1000",
      ResourceType: 10,
    },
  ];
}

/** The schema wants its elements in the order of their names. */
function itemText(item: Item): string {
  const lines = Object.entries(item).map(([name, value]) => `        <rasd:${name}>${value}</rasd:${name}>`);
  return ["      <Item>", ...lines, "      </Item>"].join("\n");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
