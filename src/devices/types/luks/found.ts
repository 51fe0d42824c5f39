import * as z from "zod";
import type { BlockFacts } from "../../found/facts.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";

/** An encrypted container as it is. What is in it is known where it is open. */
export const luksReading: ContentReading = {
  fills: ({ mark }) => mark.type === "crypto_LUKS",
  questions: (path, { mark }) => ({
    header: { tool: "cryptsetup", argv: ["luksDump", ...(mark.version === "1" ? [] : ["--dump-json-metadata"]), path] },
  }),
  read: readContainer,
};

function readContainer(block: BlockFacts, { path }: FoundPlace, reader: TreeReader): NodeText {
  const { uuid, version } = block.mark;
  const opened = reader
    .above(block)
    .find(({ below, mapped }) => below.includes(block.name) && mapped?.uuid.startsWith("CRYPT-") === true);
  const name = opened?.mapped?.name ?? `luks-${uuid ?? block.name}`;
  if (opened === undefined)
    reader.note(path, `it is not open: its name, ${name} here, and what is in it are not known`);
  reader.know(path, block, { uuid: uuid ?? undefined });
  const header = reader.answer(block, "header", path);
  const text =
    header === undefined ? {} : version === "1" ? ofFirstVersion(header, path, reader) : ofHeader(header, path, reader);
  return {
    type: "luks",
    name,
    ...(uuid === null ? {} : { uuid }),
    ...text,
    content: reader.content(opened, { path: `${path}.content`, holder: `luks-${name}`, mayBeTable: true }),
  };
}

const metadata = z.object({
  keyslots: z.record(z.string(), z.object({ key_size: z.number(), kdf: z.object({ type: z.string() }).optional() })),
  tokens: z.record(z.string(), z.object({ type: z.string() })),
  segments: z.record(
    z.string(),
    z.object({
      type: z.string(),
      offset: z.string(),
      encryption: z.string().default(""),
      sector_size: z.number().default(512),
      integrity: z.object({ type: z.string() }).optional(),
    }),
  ),
  config: z.object({ flags: z.array(z.string()).default([]) }),
});

const usual = { cipher: "aes-xts-plain64", keyBytes: 64, derivation: "argon2id", offset: 16 * 2 ** 20 } as const;

/** Source: LUKS2 On-Disk Format Specification 1.1, section 3. */
function ofHeader(header: string, path: string, reader: TreeReader): NodeText {
  const parsed = metadata.safeParse(jsonOf(header));
  if (!parsed.success) {
    reader.note(path, "cryptsetup describes its header in a way that is not known");
    return {};
  }
  const { keyslots, tokens, segments, config } = parsed.data;
  const slots = Object.values(keyslots);
  noteKeys(slots.length, path, reader);
  const kinds = Object.values(tokens).map(({ type }) => type);
  const others = kinds.filter((type) => type !== fido2 && type !== recovery);
  if (others.length > 0) reader.note(path, `it has tokens of type ${others.join(", ")}`);
  const [segment, another] = Object.values(segments);
  if (segment === undefined || another !== undefined || segment.type !== "crypt") {
    reader.note(path, "it is being encrypted anew, or has parts that are not encrypted");
    return {};
  }
  const extraFormatArgs = [
    ...differing("--cipher", segment.encryption, usual.cipher),
    ...differing("--key-size", String((slots[0]?.key_size ?? usual.keyBytes) * 8), String(usual.keyBytes * 8)),
    ...differing("--pbkdf", slots[0]?.kdf?.type ?? usual.derivation, usual.derivation),
    `--sector-size=${segment.sector_size}`,
    ...differing("--offset", String(Number(segment.offset) / 512), String(usual.offset / 512)),
    ...(segment.integrity === undefined ? [] : [`--integrity=${segment.integrity.type}`]),
  ];
  const settings = {
    ...(config.flags.includes("allow-discards") ? { allowDiscards: true } : {}),
    ...(config.flags.includes("no-read-workqueue") ? { bypassWorkqueues: true } : {}),
  };
  return {
    extraFormatArgs,
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(kinds.includes(fido2) ? { enrollFido2: true, enrollRecovery: kinds.includes(recovery) } : {}),
  };
}

const [fido2, recovery] = ["systemd-fido2", "systemd-recovery"];

/** The header of version 1 is printed for people. */
function ofFirstVersion(header: string, path: string, reader: TreeReader): NodeText {
  const value = (name: string) => new RegExp(`^${name}:\\s*(\\S+)$`, "m").exec(header)?.[1];
  noteKeys([...header.matchAll(/^Key Slot \d+: ENABLED$/gm)].length, path, reader);
  const cipher = `${value("Cipher name") ?? "aes"}-${value("Cipher mode") ?? "xts-plain64"}`;
  return {
    extraFormatArgs: [
      "--type=luks1",
      ...differing("--cipher", cipher, usual.cipher),
      ...differing("--key-size", value("MK bits") ?? "512", "512"),
      ...differing("--hash", value("Hash spec") ?? "sha256", "sha256"),
      ...differing("--offset", value("Payload offset") ?? "4096", "4096"),
    ],
  };
}

/** Keys are not read, and which files have them no header says. */
function noteKeys(slots: number, path: string, reader: TreeReader): void {
  if (slots > 1)
    reader.note(path, `it has ${slots} keys; where the further ones are is not known (additionalKeyFiles)`);
}

function differing(option: string, value: string, usually: string): string[] {
  return value === usually ? [] : [`${option}=${value}`];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
