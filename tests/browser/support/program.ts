/** The real program as a process of its own; `SELEKTABLE` names another binary than the one cargo builds. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = process.env.SELEKTABLE ?? resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target", "debug/selektable");

/** Runs the program to its end; what it printed. */
export async function run(args: string[]): Promise<string> {
  return (await promisify(execFile)(PROGRAM, args)).stdout;
}

/** One process of the program. */
export class Program {
  #process: ChildProcess;
  #said = "";

  constructor(args: string[]) {
    this.#process = spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "ignore"] });
  }

  /** The groups of a pattern, as soon as what the program printed fits it. */
  says(pattern: RegExp): Promise<string[]> {
    return new Promise((found, reject) => {
      this.#process.stdout?.on("data", (part: Buffer) => {
        this.#said += part.toString();
        const match = pattern.exec(this.#said);
        if (match) found(match.slice(1));
      });
      this.#process.on("error", reject);
      this.#process.on("exit", (code) => reject(new Error(`the program ended with ${code}: ${this.#said}`)));
    });
  }

  /** Ends it as an operator does, and waits for the end. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill("SIGTERM");
    await ended;
  }
}
