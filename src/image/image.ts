import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { Extent, Run } from "./extent.ts";

/** Everything that a disk or a filesystem consists of: `size` bytes, of which the extents say the ones that are not holes. */
export interface Image {
  readonly size: Bytes;
  /** Ascending, without overlap, within `size`. Asked for once. */
  readonly extents: Iterable<Extent>;
}

/** An image for a device, whose end the image leaves as it is where nothing has to be there. */
export interface DeviceImage extends Image {
  /** Holes are zeros up to here, and behind it whatever the device held. Default: `size`. */
  readonly zeroedUpTo?: Bytes | undefined;
  /** Where holes may hold whatever the device held; ascending. Default: nowhere. */
  readonly free?: readonly Run[] | undefined;
}

/** How a sink is watched and stopped. */
export interface SinkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with how far the sink has come, 0 to `total` bytes of the image. */
  readonly onProgress?: ((done: Bytes, total: Bytes) => void) | undefined;
}

/** @throws MkimageError INTERRUPTED when the signal says so. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new MkimageError("INTERRUPTED", "interrupted");
}
