import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { QMPClient } from "node-qemu";
import { MkimageError } from "../base/errors.ts";

/** A conversation with QEMU itself, next to the machine that it runs. */
export interface Monitor {
  /** QEMU's word for the state of the machine: `running`, `io-error`, `internal-error`, `guest-panicked` … */
  state(): Promise<string>;
  close(): Promise<void>;
}

/** Handlers of the events that QEMU reports. */
interface MonitorEvents {
  /** The host has no room for what the guest writes: the machine stands still. */
  readonly onHostFull?: (device: string) => void;
  readonly onPanic?: () => void;
}

const answerSeconds = 10;

/**
 * Connects to the QMP socket of a QEMU that was just started, and asks it for its state: `connect` of the client
 * succeeds even where QEMU refused its terms, and waits for ever when QEMU ends before its greeting.
 *
 * @throws MkimageError GUEST_FAILED when QEMU does not answer within 10 seconds.
 */
export async function openMonitor(socketPath: string, events: MonitorEvents, signal: AbortSignal): Promise<Monitor> {
  const client = new QMPClient({ socketPath });
  client.on("error", () => {});
  client.on("BLOCK_IO_ERROR", ({ nospace, device }) => {
    if (nospace === true) events.onHostFull?.(device);
  });
  client.on("GUEST_PANICKED", () => events.onPanic?.());
  const state = async () => (await answered(client.queryStatus(), signal)).status;
  try {
    await socketExists(socketPath, signal);
    await answered(client.connect(), signal);
    await state();
  } catch (error) {
    await client.close();
    throw error;
  }
  return { state, close: () => client.close() };
}

async function socketExists(path: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; !existsSync(path); waited += 0.02) {
    if (waited > answerSeconds) throw silent();
    await sleep(20, undefined, { signal });
  }
}

async function answered<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const timer = new AbortController();
  const tooLate = sleep(answerSeconds * 1000, undefined, { signal: AbortSignal.any([signal, timer.signal]) });
  try {
    return await Promise.race([answer, tooLate.then(() => Promise.reject(silent()))]);
  } finally {
    timer.abort();
    tooLate.catch(() => {});
    answer.catch(() => {});
  }
}

function silent(): MkimageError {
  return new MkimageError("GUEST_FAILED", `QEMU's monitor did not answer within ${answerSeconds} s`);
}
