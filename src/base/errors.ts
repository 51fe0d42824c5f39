/** Every code that an error of ours can carry, with the exit code that `main` gives it. */
export const exitCodes = {
  USAGE: 2,
  BAD_REQUEST: 2,
  NOT_A_SYSTEM: 3,
  RESOLVE_FAILED: 3,
  TOO_SMALL: 4,
  DOES_NOT_FIT: 4,
  MISSING_TOOL: 5,
  COMMAND_FAILED: 6,
  COMMAND_TIMED_OUT: 6,
  GUEST_FAILED: 7,
  GUEST_TIMED_OUT: 7,
  INSTALLER_FAILED: 8,
  NO_SPACE: 9,
  OUTPUT_EXISTS: 10,
  HOOK_FAILED: 11,
  SOURCE_CHANGED: 12,
  BAD_IMAGE: 13,
  REFUSED_DEVICE: 14,
  DEVICE_FAILED: 15,
  MISMATCH: 16,
  FILE_FAILED: 17,
  NOT_UNDERSTOOD: 18,
  REMOTE_FAILED: 19,
  INTERNAL: 70,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof exitCodes;

interface ErrorParts {
  /** An action by which the user can mend it. */
  readonly hint?: string;
  /** Further lines: the faults one by one, the last lines of a command's output, the path of a log. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** An error that is meant for the user: what failed and with which value, what is legal, what to do. */
export class MkimageError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, parts: ErrorParts = {}) {
    super(message, { cause: parts.cause });
    this.name = "MkimageError";
    this.code = code;
    this.hint = parts.hint;
    this.details = parts.details ?? [];
  }
}
