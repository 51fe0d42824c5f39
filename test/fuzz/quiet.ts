/** Whether a text has no character that a terminal obeys, or that hides or turns what is read. */
export function isQuiet(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 && unit !== 0x0a && unit !== 0x09) return false;
    if (unit >= 0x7f && unit <= 0x9f) return false;
    if (unit === 0xad || unit === 0xfeff || (unit >= 0x200b && unit <= 0x200f)) return false;
    if ((unit >= 0x2028 && unit <= 0x202e) || (unit >= 0x2060 && unit <= 0x206f)) return false;
  }
  return true;
}
