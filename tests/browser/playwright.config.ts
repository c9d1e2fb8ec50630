import { defineConfig } from "@playwright/test";

/** Tests run against servers on loopback that each test starts on a free port; no browser is downloaded. */
export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results",
  fullyParallel: true,
  workers: Number(process.env.BROWSER_WORKERS ?? 2),
  timeout: 90_000,
  // A busy machine with two cores takes its time; a passing test never waits.
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    // A click must not meet a dialog that is still moving into its place.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
      ],
    },
  },
});
