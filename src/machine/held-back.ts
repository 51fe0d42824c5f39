import type { Chunk } from "../image/chunk.ts";
import type { Bytes } from "../base/units.ts";
import type { Device } from "./device.ts";
import { endSize, type Ends } from "./ends.ts";
import { relocateGpt } from "./relocate-gpt.ts";

/** Takes what makes an image bootable out of its chunks, and leaves zeros in their place. */
export class HeldBack {
  readonly #device: Device;
  readonly #imageSize: Bytes;
  #ends: Ends;
  #oldBackup = { start: 0, end: 0 };

  constructor(device: Device, imageSize: Bytes) {
    this.#device = device;
    this.#imageSize = imageSize;
    this.#ends = { head: new Uint8Array(Math.min(endSize, imageSize)), backup: undefined };
  }

  /** The bytes held back, fitted to the device. */
  get ends(): Ends {
    return this.#ends;
  }

  /** Chunks come in ascending order; the head lies in the first. Throws MkimageError BAD_IMAGE. */
  take(chunk: Chunk): void {
    if (chunk.offset === 0) this.#takeHead(chunk.bytes);
    const start = Math.max(this.#oldBackup.start - chunk.offset, 0);
    const end = Math.min(this.#oldBackup.end - chunk.offset, chunk.bytes.length);
    if (start < end) chunk.bytes.fill(0, start, end);
  }

  #takeHead(bytes: Uint8Array): void {
    const head = Uint8Array.from(bytes.subarray(0, this.#ends.head.length));
    bytes.fill(0, 0, head.length);
    const { size: deviceSize, sectorSize } = this.#device;
    const table = relocateGpt(head, { imageSize: this.#imageSize, deviceSize, sectorSize });
    this.#ends = { head: table?.head ?? head, backup: table?.backup };
    if (table !== undefined) this.#oldBackup = table.oldBackup;
  }
}
