/* oxlint-disable no-control-regex -- the escapes are what is written to a terminal */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../promotion/fold";
import { progressOn } from "../../promotion/progress";

/** A terminal that keeps what a person would see: text, line ends, cursor up and erase below. Lines that wrap take two. */
function terminal(columns: number, rows: number) {
  let lines = [""];
  const out = {
    isTTY: true,
    columns,
    rows,
    write(text: string) {
      for (const [part] of text.matchAll(/\r(?:\u001b\[(\d+)A)?\u001b\[J|\n|[^\n\r\u001b]+/g)) {
        const up = Number(/\[(\d+)A/.exec(part)?.[1] ?? 0);
        if (part.startsWith("\r")) lines = [...lines.slice(0, lines.length - 1 - up), ""];
        else if (part === "\n") lines.push("");
        else
          for (const character of part) {
            if (lines.at(-1)!.length === columns) lines.push("");
            lines[lines.length - 1] += character;
          }
      }
      return true;
    },
  };
  const ci = process.env["CI"];
  delete process.env["CI"];
  const progress = progressOn(out as unknown as NodeJS.WriteStream);
  if (ci !== undefined) process.env["CI"] = ci;
  return { progress, out, screen: () => lines.slice(0, -1) };
}

const wait =
  "[constraint] waiting for a lock on public.credential_vault_storage, which another session holds: process 4711, " +
  "application psql, in a transaction for 12 min. End that session, or wait: this goes on for 9 more minutes.";

test("the clock of a stage is on the screen however much its provider says, and no line is wider than the screen", () => {
  const { progress, screen } = terminal(80, 24);
  progress.step("prod-eu", wait);
  const [first = "", ...others] = screen();
  assert.match(first, /^ {2}prod-eu {2}0\.\d s {2}\[constraint\] waiting/);
  assert.ok(others.length > 0 && screen().every((line) => line.length < 80));
  assert.equal(
    screen()
      .map((line) => line.trim())
      .join(" ")
      .replace(/0\.\d s {2}/, ""),
    `prod-eu  ${wait}`,
    "whole",
  );
});

test("what stays is above what runs, and is not wiped: results, and what the runner itself has to say", () => {
  const { progress, out, screen } = terminal(80, 24);
  progress.step("a", wait);
  progress.step("b", "update");
  out.write("^C"); // as the terminal does
  progress.say("Interrupted: running updates end in good order; no further stage is started.");
  progress.ended({ stack: "a", result: "promoted", reason: "12 keys moved. 12 wallets: 12 stored." });
  progress.step("b", "preview again: nothing may be left");
  assert.deepEqual(
    screen().map((line) => line.replace(/\d\.\d s/, "CLOCK")),
    [
      "Interrupted: running updates end in good order; no further stage is started.",
      "a  promoted: 12 keys moved. 12 wallets: 12 stored.",
      "  b  CLOCK  preview again: nothing may be left",
    ],
  );
});

test("a fleet has its place on a small screen: some lines for each stage, and a count of those without", () => {
  const { progress, screen } = terminal(80, 24);
  for (let n = 1; n <= 16; n += 1) progress.step(`tenant-${n}`, wait);
  assert.equal(screen().length, 16, "one line for each");
  for (let n = 17; n <= 40; n += 1) progress.step(`tenant-${n}`, "open");
  assert.equal(screen().length, 22);
  assert.equal(screen().at(-1), "  and 19 more");
  for (let n = 1; n <= 40; n += 1) progress.left(`tenant-${n}`);
  assert.deepEqual(screen(), [], "nothing is left of stages of which nothing is to be said");
});

test("while a question is on the screen nothing is written; what was said meanwhile comes after it", async () => {
  const { progress, screen } = terminal(80, 24);
  progress.step("a", "update");
  await progress.alone(async () => {
    progress.step("b", "update");
    progress.ended({ stack: "a", result: "failed", reason: "Gone." });
    progress.say("Interrupted.");
    assert.deepEqual(screen(), []);
  });
  assert.deepEqual(
    screen().map((line) => line.replace(/\d\.\d s/, "CLOCK")),
    ["a  failed: Gone.", "Interrupted.", "  b  CLOCK  update"],
  );
});

test("texts are folded at spaces, and a command stays whole, so that it can be copied", () => {
  const command = `npm run pulumi -- config set acceptAttention '["conflict:1","missingKey:12"]' --stack staging.`;
  const text = `All keys that can be moved are moved, but some wallets need a person. Accept them: ${command} Then promote again.`;
  assert.deepEqual(fold(text, 60), [
    "All keys that can be moved are moved, but some wallets need",
    "a person. Accept them:",
    command,
    "Then promote again.",
  ]);
});
