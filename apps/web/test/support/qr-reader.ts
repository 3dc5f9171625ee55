import jsQr from "jsqr";
import type { Locator } from "playwright-core";

/** What a reader makes of `image` as it is on the screen; undefined where it sees no QR code. */
export async function readQrCode(image: Locator): Promise<string | undefined> {
  const png = (await image.screenshot()).toString("base64");
  // The browser takes the picture apart.
  const { pixels, width, height } = await image.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    return {
      pixels: [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])],
      width: bitmap.width,
      height: bitmap.height,
    };
  }, png);
  return jsQr(Uint8ClampedArray.from(pixels), width, height)?.data;
}
