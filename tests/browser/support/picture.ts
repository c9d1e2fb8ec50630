/** Pictures for the tests, drawn here: a PNG writer, a room, and a chair with and without its background. */
import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG whose pixel at (x, y) has the colour that `at` gives. */
export function png(width: number, height: number, at: (x: number, y: number) => Colour): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(at(x, y), y * (1 + width * 4) + 1 + x * 4);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A wall, a skirting board and a floor. */
export function room(width = 800, height = 600): Buffer {
  return png(width, height, (x, y) => {
    const light = 1 - 0.25 * (x / width);
    if (y < height * 0.62) return [226 * light, 219 * light, 205 * light, 255];
    if (y < height * 0.645) return [245 * light, 243 * light, 238 * light, 255];
    const plank = Math.floor((x + (y - height) * 0.4) / 90) % 2 ? 0.94 : 1;
    return [168 * light * plank, 124 * light * plank, 84 * light * plank, 255];
  });
}

const inside = (x: number, y: number, left: number, top: number, right: number, bottom: number): boolean =>
  x >= left && x < right && y >= top && y < bottom;

function chairAt(background: Colour): (x: number, y: number) => Colour {
  return (x, y) => {
    if (inside(x, y, 40, 0, 360, 190)) return [46, 96, 92, 255];
    if (inside(x, y, 0, 120, 70, 280) || inside(x, y, 330, 120, 400, 280)) return [38, 82, 78, 255];
    if (inside(x, y, 60, 190, 340, 280)) return [58, 116, 110, 255];
    if (inside(x, y, 30, 280, 50, 340) || inside(x, y, 350, 280, 370, 340)) return [92, 60, 36, 255];
    return background;
  };
}

/** A chair on white, as shops have it. */
export const chairPhoto = (): Buffer => png(400, 340, chairAt([255, 255, 255, 255]));

/** The same chair cut out. */
export const chairCutout = (): Buffer => png(400, 340, chairAt([0, 0, 0, 0]));
