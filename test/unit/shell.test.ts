import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { word } from "../../demo/shell";

test("the words of the demo's commands arrive in a shell as they are", () => {
  const words = ["/tmp/plain-1.2", "/tmp/two words", "it's", '$HOME `x` "y" \\', "", "*"];
  const seen = execFileSync("sh", ["-c", `printf '%s|' ${words.map(word).join(" ")}`], { encoding: "utf8" });
  assert.equal(seen, words.map((one) => `${one}|`).join(""));
  assert.equal(word("/tmp/plain-1.2"), "/tmp/plain-1.2");
});
