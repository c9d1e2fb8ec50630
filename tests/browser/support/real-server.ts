/** The real program on a free port with data of its own, and what `setup` gave for a store. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = process.env.SELEKTABLE ?? resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target", "debug/selektable");

/** What `selektable setup --json` prints. */
export interface Account {
  organizationId: string;
  storeId: string;
  widgetId: string;
  apiKey: string;
}

export class RealServer {
  #process: ChildProcess | null = null;
  #folder = "";
  origin = "";

  /** Serves stores of these names, each limited to its domains if it has some. */
  async start(stores: Record<string, string[]>): Promise<Account[]> {
    this.#folder = await mkdtemp(join(tmpdir(), "selektable-browser-"));
    const accounts: Account[] = [];
    for (const [name, domains] of Object.entries(stores)) accounts.push(await setUp(this.#folder, name, domains));
    await this.#serve();
    return accounts;
  }

  async #serve(): Promise<void> {
    const child = spawn(PROGRAM, ["serve", "--listen", "127.0.0.1:0", "--data-dir", this.#folder], { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = child;
    this.origin = await new Promise((found, reject) => {
      let said = "";
      child.stdout?.on("data", (part: Buffer) => {
        said += part.toString();
        const [, origin] = /listening on (http:\S+)/.exec(said) ?? [];
        if (origin) found(origin);
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`the program ended with ${code}: ${said}`)));
    });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What the API says, with a key. */
  async get<T>(path: string, key: string): Promise<T> {
    const answer = await fetch(this.origin + path, { headers: { Authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

async function setUp(folder: string, name: string, domains: string[]): Promise<Account> {
  const options = ["setup", "--org", name, "--store", name, "--email", `${name}@example.com`, "--json", "--data-dir", folder];
  const { stdout } = await promisify(execFile)(PROGRAM, [...options, ...domains.flatMap((domain) => ["--domain", domain])]);
  return JSON.parse(stdout) as Account;
}
