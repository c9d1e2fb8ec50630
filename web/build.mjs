/**
 * Builds what the server serves under /widgets/ and /assets/ into `web/dist/`. With `--check` nothing is written: it fails if
 * the committed files are not what the sources give, or if a file is larger than promised.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

/** Source, built name, and the largest size after Brotli in bytes. What others name by its version comes before them. */
const ENTRIES = [
  { source: "widget/main.ts", output: "widget.js", brotliBytesMax: 8192 },
  { source: "shopify/main.ts", output: "shopify.js", brotliBytesMax: 1792 },
  // On every page of every shop.
  { source: "embed/main.ts", output: "embed.js", brotliBytesMax: 3072, names: { WIDGET: "widget.js", SHOPIFY: "shopify.js" } },
  // Merchants paste it by hand and should be able to read it.
  { source: "pixel/main.ts", output: "pixel.js", brotliBytesMax: 1536, readable: true },
  { source: "frame/main.ts", output: "frame.js", brotliBytesMax: 20480 },
  { source: "frame/frame.css", output: "frame.css", brotliBytesMax: 8192 },
  { source: "dashboard/main.ts", output: "dashboard.js", brotliBytesMax: 40960 },
  { source: "dashboard/dashboard.css", output: "dashboard.css", brotliBytesMax: 20480 },
  { source: "woocommerce/main.ts", output: "../../plugins/woocommerce/selektable/assets/selektable.js", brotliBytesMax: 4096 },
];

const folder = new URL(".", import.meta.url);
const checking = process.argv.includes("--check");
const brotliBytes = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

/** The name, without its ending, under which the server keeps these bytes for ever (`crates/selektable/build.rs`). */
const versioned = (output, bytes) => output.replace(".js", "." + createHash("sha256").update(bytes).digest("hex").slice(0, 8));

async function bundle(source, readable, define) {
  const result = await build({
    entryPoints: [new URL(`src/${source}`, folder).pathname],
    bundle: true,
    minify: !readable,
    // Properties that are named like this never leave the file.
    mangleProps: /^_[a-z]/,
    define,
    write: false,
    format: "iife",
    target: ["chrome100", "firefox100", "safari15.4"],
    charset: "utf8",
    legalComments: "none",
  });
  return result.outputFiles[0].contents;
}

const versions = new Map();
let failed = false;
await mkdir(new URL("dist/", folder), { recursive: true });
for (const { source, output, brotliBytesMax, readable = false, names = {} } of ENTRIES) {
  if (!existsSync(new URL(`src/${source}`, folder))) continue;
  const define = Object.fromEntries(Object.entries(names).map(([name, part]) => [name, JSON.stringify(versions.get(part))]));
  const built = Buffer.from(await bundle(source, readable, define));
  versions.set(output, versioned(output, built));
  const file = new URL(`dist/${output}`, folder);
  const bytes = brotliBytes(built);
  console.log(`${output}: ${built.length} bytes, ${bytes} with Brotli (at most ${brotliBytesMax})`);
  if (bytes > brotliBytesMax) {
    console.error(`${output} is larger than promised`);
    failed = true;
  }
  if (!checking) await writeFile(file, built);
  else if (!existsSync(file) || !built.equals(await readFile(file))) {
    console.error(`${output} is not what the sources give: run "npm run build" and commit it`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
