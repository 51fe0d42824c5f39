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
 * succeeds even where QEMU refused its terms, and waits for ever when QEMU ends before its greeting. What happened before
 * is told as what happens later.
 *
 * @throws MkimageError GUEST_FAILED when QEMU does not answer within 10 seconds.
 */
export async function openMonitor(socketPath: string, events: MonitorEvents, signal: AbortSignal): Promise<Monitor> {
  const client = await connected(socketPath, events, signal);
  const state = async () => (await answered(client.queryStatus(), signal)).status;
  try {
    await tellPast(await state(), client, events, signal);
  } catch (error) {
    await client.close();
    throw error;
  }
  return { state, close: () => client.close() };
}

/** QEMU makes the socket's file before it listens: until then there is none, or it refuses. */
async function connected(socketPath: string, events: MonitorEvents, signal: AbortSignal): Promise<QMPClient> {
  for (let waited = 0; ; waited += 0.02) {
    const client = clientOf(socketPath, events);
    try {
      await answered(client.connect(), signal);
      return client;
    } catch (error) {
      await client.close();
      if (!["ENOENT", "ECONNREFUSED"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      if (waited > answerSeconds) throw silent();
    }
    await sleep(20, undefined, { signal });
  }
}

function clientOf(socketPath: string, events: MonitorEvents): QMPClient {
  const client = new QMPClient({ socketPath });
  client.on("error", () => {});
  client.on("BLOCK_IO_ERROR", ({ nospace, device }) => {
    if (nospace === true) events.onHostFull?.(device);
  });
  client.on("GUEST_PANICKED", () => events.onPanic?.());
  return client;
}

/** Events are for those who are connected already. */
async function tellPast(state: string, client: QMPClient, events: MonitorEvents, signal: AbortSignal): Promise<void> {
  if (state === "guest-panicked") events.onPanic?.();
  if (state !== "io-error") return;
  const disks = await answered(client.queryBlock(), signal);
  const full = disks.find((disk) => disk["io-status"] === "nospace");
  if (full !== undefined) events.onHostFull?.(full.device);
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
