/** Where the product is in the photo, and how it moves. Pure; the numbers are those of the server's contract. */

/** `x`, `y`: centre as fractions of the photo; `scale`: product width / photo width; `rotation`: degrees clockwise. */
export interface Placement {
  x: number;
  y: number;
  scale: number;
  rotation: number;
}

export const SCALE_MIN = 0.03;
export const SCALE_MAX = 2;

const HEIGHT_START_MAX = 0.62;
const SCALE_START = { "room-visualizer": 0.45, "virtual-try-on": 0.5 };

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
const round = (value: number): number => Math.round(value * 1e4) / 1e4;

/** A placement within its bounds: the centre stays in the photo, so the product can't get lost. */
export function bounded({ x, y, scale, rotation }: Placement): Placement {
  const turned = ((((rotation + 180) % 360) + 360) % 360) - 180;
  return { x: round(clamp(x, 0, 1)), y: round(clamp(y, 0, 1)), scale: round(clamp(scale, SCALE_MIN, SCALE_MAX)), rotation: round(turned) };
}

/** Where the product first stands: on the floor of a room, or in the middle of a person; never taller than the photo. */
export function startPlacement(type: keyof typeof SCALE_START, photoRatio: number, productRatio: number): Placement {
  const scale = Math.min(SCALE_START[type] ?? 0.45, (HEIGHT_START_MAX * productRatio) / photoRatio);
  return bounded({ x: 0.5, y: type === "room-visualizer" ? 0.62 : 0.5, scale, rotation: 0 });
}

/** What a key does to a placement, or null if it does nothing. With `coarse` the step is larger. */
export function pressed(key: string, place: Placement, coarse: boolean): Placement | null {
  const step = coarse ? 0.05 : 0.01;
  const grow = coarse ? 1.15 : 1.04;
  const turn = coarse ? 15 : 2;
  switch (key) {
    case "ArrowLeft":
      return bounded({ ...place, x: place.x - step });
    case "ArrowRight":
      return bounded({ ...place, x: place.x + step });
    case "ArrowUp":
      return bounded({ ...place, y: place.y - step });
    case "ArrowDown":
      return bounded({ ...place, y: place.y + step });
    case "+":
    case "=":
      return bounded({ ...place, scale: place.scale * grow });
    case "-":
    case "_":
      return bounded({ ...place, scale: place.scale / grow });
    case "[":
    case "{":
      return bounded({ ...place, rotation: place.rotation - turn });
    case "]":
    case "}":
      return bounded({ ...place, rotation: place.rotation + turn });
    default:
      return null;
  }
}

/** A pointer's position in the photo, as fractions of its width and height. */
export interface Point {
  x: number;
  y: number;
}

/** What one or two fingers that moved do to a placement. `ratio` is the photo's width / height. */
export function dragged(place: Placement, before: readonly Point[], after: readonly Point[], ratio: number): Placement {
  const [a, b] = before;
  const [c, d] = after;
  if (!a || !c) return place;
  if (!b || !d) return bounded({ ...place, x: place.x + c.x - a.x, y: place.y + c.y - a.y });
  const vector = (from: Point, to: Point): [number, number] => [(to.x - from.x) * ratio, to.y - from.y];
  const [ux, uy] = vector(a, b);
  const [vx, vy] = vector(c, d);
  const length = Math.hypot(ux, uy);
  const turn = ((Math.atan2(vy, vx) - Math.atan2(uy, ux)) * 180) / Math.PI;
  return bounded({
    x: place.x + (c.x + d.x - a.x - b.x) / 2,
    y: place.y + (c.y + d.y - a.y - b.y) / 2,
    scale: length > 0 ? (place.scale * Math.hypot(vx, vy)) / length : place.scale,
    rotation: place.rotation + turn,
  });
}
