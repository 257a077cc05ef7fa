import assert from "node:assert/strict";
import { test } from "node:test";
import { WalletVaultError } from "../../components/postgres/errors";
import { oneLine, printableId } from "../../components/postgres/printable";

test("what is printed stays on its line, in its direction, and is no command to a CI system", () => {
  assert.equal(oneLine("a\n::set-output name=x::y"), "a\\u000a::set-output name=x::y");
  assert.equal(oneLine("::add-mask::x"), "\\u003a\\u003aadd-mask::x");
  assert.equal(oneLine("id ##vso[task.setvariable]"), "id #\\u0023vso[task.setvariable]");
  assert.equal(oneLine("id ##[error]x"), "id #\\u0023[error]x");
  assert.equal(oneLine("\u202eabc\u2066"), "\\u202eabc\\u2066");
  for (let code = 0; code < 0x10000; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const line = oneLine(`x${String.fromCharCode(code)}y`);
    assert.ok(!/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(line), code.toString(16));
  }
});

test("an ordinary id comes back as it is, a long one is cut where no character is", () => {
  for (const id of ["0d8f6f5e-1d5e-4d3c-9c0a-000000000001", "42", "größe 🔑", "urn:x::1", "#1"])
    assert.equal(printableId(id), id);
  assert.equal(printableId("🔑".repeat(101)), `${"🔑".repeat(100)}…`);
  assert.ok(printableId("\n".repeat(5_000)).length < 700);
});

test("an error's message is one line, whatever an object is called", () => {
  const { message, stack } = new WalletVaultError(
    "ERR_TABLE_MISSING",
    "There is no table a\r\n::error::b.",
    "Check it.",
  );
  assert.equal(message, "There is no table a\\u000d\\u000a::error::b. Check it. [ERR_TABLE_MISSING]");
  assert.equal(stack, message);
});
