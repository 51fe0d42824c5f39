import type { Page } from "playwright-core";

/** The weakest contrast between text of these elements and what is behind it. Source: WCAG 2.2, "contrast ratio". */
export function weakestContrast(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluateAll((elements) => {
    const paint = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
    type Colour = readonly [red: number, green: number, blue: number, opacity: number];
    const read = (colour: string): Colour => {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, opacity = 0] = paint.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, opacity / 255];
    };
    const background = (element: Element): Colour => {
      const own = read(getComputedStyle(element).backgroundColor);
      if (own[3] === 1) return own;
      return element.parentElement === null ? [255, 255, 255, 1] : background(element.parentElement);
    };
    const light = ([red, green, blue]: Colour): number => {
      const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrasts = elements.map((element) => {
      const style = getComputedStyle(element);
      const [behind, ink] = [background(element), read(style.color)];
      const opacity = ink[3] * Number(style.opacity);
      const mixed = ink.map((value, index) => value * opacity + (behind[index] ?? 0) * (1 - opacity));
      const [one, other] = [light(mixed as unknown as Colour), light(behind)];
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    });
    return Math.min(...contrasts);
  });
}
