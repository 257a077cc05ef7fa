import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { htmlReport } from "../../promotion/report/html";
import { richPromotion } from "./sample";

const browser = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
const skip = browser === undefined && "no chromium on PATH";

// Measures what a reader sees, and leaves it in the page for --dump-dom. Only in the test's copy of the page.
const probe = `<script>
const box = (element) => element.getBoundingClientRect();
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (element, behind) => {
  const [a, b] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
const cards = [...document.querySelectorAll(".card")];
const seen = {
  page: luminance(getComputedStyle(document.body).backgroundColor),
  overflow: document.documentElement.scrollWidth - innerWidth,
  contrasts: cards.flatMap((card) => [...card.querySelectorAll("h2, h3, .reason, .counts span, dt, dd, td, th")].map((text) => contrast(text, card)))
    .concat([...document.querySelectorAll(".badge")].map((badge) => contrast(badge, badge)), contrast(document.querySelector(".lead"), document.body)),
  bars: cards.map((card) => [...card.querySelectorAll(".bar")].map((bar) => [...bar.children].map((piece) => Math.round(box(piece).width)))),
};
document.body.setAttribute("data-seen", encodeURIComponent(JSON.stringify(seen)));
</script>`;

for (const [mode, setting] of [
  ["dark", 0],
  ["light", 1],
] as const)
  for (const width of [1120, 420])
    test(
      `a browser shows the report, ${mode}, ${width} wide: readable, whole, every state in its bar`,
      { skip },
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "wallet-vault-browser-"));
        try {
          const file = join(folder, "report.html");
          const page = htmlReport(richPromotion)
            .replace(/<meta http-equiv.*\n/, "")
            .replace("</body>", `${probe}</body>`);
          writeFileSync(file, page);
          const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(folder, "profile")}`];
          const look = [`--window-size=${width},1800`, `--blink-settings=preferredColorScheme=${setting}`];
          const run = promisify(execFile);
          const dump = await run(browser ?? "", [...flags, ...look, "--dump-dom", `file://${file}`], {
            timeout: 600_000,
          });
          const data = /data-seen="([^"]*)"/.exec(dump.stdout)?.[1] ?? "";
          const seen = JSON.parse(decodeURIComponent(data)) as {
            page: number;
            overflow: number;
            contrasts: number[];
            bars: number[][][];
          };
          assert.equal(seen.page < 0.1, mode === "dark");
          assert.ok(seen.overflow <= 0, `${seen.overflow} px too wide`);
          assert.ok(Math.min(...seen.contrasts) >= 4.5, `contrast ${Math.min(...seen.contrasts).toFixed(2)}`);
          const [dev, failed] = seen.bars;
          assert.deepEqual(
            dev?.map((bar) => bar.length),
            [2, 1],
            "before and now",
          );
          assert.equal(failed?.[1]?.length, 6, "six states");
          for (const piece of seen.bars.flat(2)) assert.ok(piece >= 5, "a state with few wallets can be seen");
          if (width > 1000 && mode === "light") {
            const shot = join(folder, "shot.png");
            await run(browser ?? "", [...flags, ...look, `--screenshot=${shot}`, `file://${file}`], {
              timeout: 600_000,
            });
            assert.ok(readFileSync(shot).length > 20_000, "a picture with something in it");
          }
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    );
