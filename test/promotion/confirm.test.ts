/* oxlint-disable no-control-regex -- the escapes are what is written to a terminal */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { progressOn } from "../../promotion/progress";
import { confirmer } from "../../promotion/confirm";

const plan = `dev  ${"40 wallets: 14 stored, 26 pending. ".repeat(8)}Steps: create constraint, update transfer.`;

/** A terminal of 80 columns, and all that was written to it. */
function terminal() {
  const tty = () => Object.assign(new PassThrough(), { isTTY: true });
  const [input, output] = [tty(), Object.assign(tty(), { columns: 80 })];
  let text = "";
  output.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { input, output, text: () => text };
}

test("on a narrow terminal the whole plan stands above the question, broken at spaces, and nothing is drawn over it", async () => {
  const { input, output, text } = terminal();
  const before = process.env["CI"];
  delete process.env["CI"];
  const progress = progressOn(output as unknown as NodeJS.WriteStream);
  if (before !== undefined) process.env["CI"] = before;
  const ask = confirmer(false, new AbortController().signal, progress.alone, { input, output });
  progress.step("dev", plan);
  const from = text().length;
  const answer = ask(plan, "Update dev?");
  input.write("yes\r");
  assert.equal(await answer, "yes");
  const erased = /^\r\u001b\[\d+A\u001b\[J/;
  assert.match(text().slice(from), erased, "the running lines");
  const shown = text().slice(from).replace(erased, "");
  const lines = shown.slice(0, shown.indexOf("Update dev?")).split("\n").slice(0, -1);
  assert.ok(lines.every((line) => line.length < 80));
  assert.equal(lines.map((line) => line.trim()).join(" "), plan);
  progress.step("dev", "update");
  assert.doesNotMatch(shown + text().slice(from + shown.length), /[?] .*\u001b\[\d+A/s, "no line above it is erased");
});

test("anything but a clear yes is a no, and without a terminal nobody is asked", async () => {
  const signal = new AbortController().signal;
  for (const [typed, expected] of [
    ["y\r", "yes"],
    ["\r", "no"],
    ["no\r", "no"],
  ] as const) {
    const { input, output } = terminal();
    const answer = confirmer(false, signal, (work) => work(), { input, output })(plan, "Update dev?");
    input.write(typed);
    assert.equal(await answer, expected);
  }
  const pipe = { input: new PassThrough(), output: new PassThrough() };
  assert.equal(await confirmer(false, signal, (work) => work(), pipe)(plan, "Update dev?"), "nobody");
  assert.equal(await confirmer(true, signal, (work) => work(), pipe)(plan, "Update dev?"), "yes");
});
