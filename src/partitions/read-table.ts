import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { run, type RunOptions } from "../runtime/run.ts";
import { attributeBits, sfdiskReadArguments } from "./sfdisk.ts";
import type { GptPartitionFacts, MsdosPartitionFacts, TableFacts } from "./table-facts.ts";

const partition = z.object({
  node: z.string(),
  start: z.int(),
  size: z.int(),
  type: z.string(),
  uuid: z.string().default(""),
  name: z.string().default(""),
  attrs: z.string().default(""),
  bootable: z.boolean().default(false),
});

const output = z.object({
  partitiontable: z.object({
    label: z.enum(["gpt", "dos"]),
    id: z.string(),
    firstlba: z.int().default(0),
    lastlba: z.int().default(0),
    partitions: z.array(partition).default([]),
  }),
});

type ReadPartition = z.output<typeof partition>;

/**
 * Reads the partition table of an image or a disk, through sfdisk.
 *
 * @throws MkimageError BAD_IMAGE when sfdisk's answer is none that we know; COMMAND_FAILED when there is no table.
 */
export async function readTable(path: string, options: RunOptions = {}): Promise<TableFacts> {
  return (await examineTable(path, options)).table;
}

/** A table, and what sfdisk finds to be wrong with it while it reads. */
interface ExaminedTable {
  readonly table: TableFacts;
  readonly faults: readonly string[];
}

/** As `readTable`, with what sfdisk has to say besides. */
export async function examineTable(path: string, options: RunOptions = {}): Promise<ExaminedTable> {
  const { stdout } = await run("sfdisk", sfdiskReadArguments(path), options);
  const { json, messages } = divideOutput(stdout);
  // Records of an extended partition may be empty, as after partitions were removed.
  const faults = messages.filter((line) => !/^omitting empty partition/i.test(line));
  return { table: tableFactsFrom(json, path), faults };
}

/** sfdisk prints messages where its answer goes, before it. */
function divideOutput(stdout: string): { readonly json: string; readonly messages: readonly string[] } {
  const start = stdout.search(/^\{/m);
  if (start <= 0) return { json: stdout, messages: [] };
  const lines = stdout.slice(0, start).split("\n");
  return { json: stdout.slice(start), messages: lines.map((line) => line.trim()).filter((line) => line !== "") };
}

/** Parses sfdisk's JSON. */
export function tableFactsFrom(json: string, path: string): TableFacts {
  const parsed = output.safeParse(parseJson(json));
  if (!parsed.success) {
    throw new MkimageError("BAD_IMAGE", `sfdisk describes the partition table of ${path} in a way we do not know`, {
      details: [z.prettifyError(parsed.error)],
    });
  }
  const { label, id, firstlba, lastlba, partitions } = parsed.data.partitiontable;
  if (label === "dos")
    return { kind: "msdos", signature: Number(id), partitions: inOrder(partitions.map((one) => msdos(one, path))) };
  const gptPartitions = inOrder(partitions.map((one) => gpt(one, path)));
  return { kind: "gpt", guid: id.toUpperCase(), firstUsable: firstlba, lastUsable: lastlba, partitions: gptPartitions };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function gpt(read: ReadPartition, path: string): GptPartitionFacts {
  const { name, type, uuid, attrs } = read;
  return {
    ...span(read, path),
    name,
    type: type.toUpperCase(),
    guid: uuid.toUpperCase(),
    attributes: attributeBits(attrs),
  };
}

function msdos(read: ReadPartition, path: string): MsdosPartitionFacts {
  return { ...span(read, path), type: Number.parseInt(read.type, 16), active: read.bootable };
}

/** sfdisk names a partition by the path and its number, with a p between them where the path ends in a digit. */
function span({ node, start, size }: ReadPartition, path: string): { number: number; first: number; last: number } {
  const number = Number(node.slice(path.length).replace(/^p/, ""));
  return { number, first: start, last: start + size - 1 };
}

function inOrder<T extends { readonly number: number }>(partitions: readonly T[]): T[] {
  return partitions.toSorted((a, b) => a.number - b.number);
}
