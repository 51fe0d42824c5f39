/** Whether tests run in their long variants: every case of each kind. */
export const isLong = process.env["MKIMAGE_LONG"] === "1";
