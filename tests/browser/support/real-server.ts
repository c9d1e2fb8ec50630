/** The real program on a free port with data of its own, and what `setup` gave for a store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, run } from "./program.ts";

/** What `selektable setup --json` prints. */
export interface Account {
  organizationId: string;
  storeId: string;
  widgetId: string;
  apiKey: string;
  email: string;
  password: string;
}

export class RealServer {
  #program: Program | null = null;
  #folder = "";
  origin = "";

  /**
   * Serves stores of these names, each limited to its domains if it has some. Without a store it waits for its set-up.
   * `options` are more of `serve`.
   */
  async start(stores: Record<string, string[]>, options: string[] = []): Promise<Account[]> {
    this.#folder = await mkdtemp(join(tmpdir(), "selektable-browser-"));
    const accounts: Account[] = [];
    for (const [name, domains] of Object.entries(stores)) accounts.push(await setUp(this.#folder, name, domains));
    this.#program = new Program(["serve", "--listen", "127.0.0.1:0", "--data-dir", this.#folder, ...options]);
    [this.origin = ""] = await this.#program.says(/listening on (http:\S+)/);
    return accounts;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
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
  return JSON.parse(await run([...options, ...domains.flatMap((domain) => ["--domain", domain])])) as Account;
}
