import { createHash } from "node:crypto";

interface SuperblockWishes {
  readonly level: number;
  readonly bitmap?: boolean;
}

const uuid = createHash("md5").update("array").digest();

/**
 * The superblock of the first of two members, metadata 1.2, with 32 MiB of data behind the first MiB. Source: linux,
 * include/uapi/linux/raid/md_p.h.
 */
export function makeSuperblock({ level, bitmap = false }: SuperblockWishes): Buffer {
  const bytes = Buffer.alloc(4096);
  const [word, long] = [
    (at: number, value: number) => bytes.writeUInt32LE(value, at),
    (at: number, value: bigint) => bytes.writeBigUInt64LE(value, at),
  ];
  word(0, 0xa92b4efc);
  word(4, 1);
  word(8, bitmap ? 1 : 0);
  uuid.copy(bytes, 16);
  bytes.write("any:data", 32);
  word(72, level);
  long(80, 65536n);
  word(92, 2);
  word(96, bitmap ? 8 : 0);
  long(128, 2048n);
  long(136, 65536n);
  long(144, 8n);
  uuid.copy(bytes, 168);
  long(200, 17n);
  long(208, 0xffff_ffff_ffff_ffffn);
  word(220, 4);
  bytes.writeUInt16LE(0, 256);
  for (let role = 1; role < 4; role += 1) bytes.writeUInt16LE(role === 1 ? 1 : 0xfffe, 256 + role * 2);
  let sum = 0n;
  for (let at = 0; at < 264; at += 4) if (at !== 216) sum += BigInt(bytes.readUInt32LE(at));
  word(216, Number(((sum & 0xffff_ffffn) + (sum >> 32n)) & 0xffff_ffffn));
  return bytes;
}
