import { formatNumber } from "../../components/format";
import { type StateCounts, states } from "../../components/key-transfer/states";
import { stateWords } from "../../components/receipt/state-words";
import { duration } from "../format";
import type { PromotionReport, StageReport } from "../result";
import { exposureTitle, extent, minute, movedBy, receiptOf, sharesOf, titleOf } from "./figures";
import { type OpenWallets, openWallets } from "./open-wallets";
import { style } from "./style";

/** The report as one HTML file that loads nothing. Ids, counts and advice, all escaped. */
export function htmlReport(report: PromotionReport): string {
  const { startedAt, seconds, waves } = report;
  const title = titleOf(report);
  const seen = states.filter((state) => waves.flat().some((stage) => (stage.states?.[state] ?? 0) > 0));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Wallet vault: ${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="over">Wallet vault</p>
<h1>${title}</h1>
<p class="lead">${html(extent(waves.flat().length, seconds))}, begun ${html(minute(startedAt))}</p>
${seen.length === 0 ? "" : `<ul class="legend">${seen.map((state) => `<li>${dot(state)}${stateWords[state].label}</li>`).join("")}</ul>`}
${waves.map((wave, index) => waveOf(wave, index, waves.length)).join("\n")}
<footer>Counts, ids and advice only: no key and no password is ever in a report.</footer>
</main>
</body>
</html>
`;
}

function waveOf(wave: readonly StageReport[], index: number, of: number): string {
  const note = wave.length > 1 ? ", side by side" : "";
  return `<section class="wave">
<p class="over">Wave ${index + 1} of ${of}${note}</p>
<div class="cards">${wave.map(card).join("\n")}</div>
</section>`;
}

function card(stage: StageReport): string {
  const { stack, result, reason, before, states: now, seconds } = stage;
  const changed = before !== null && now !== null && states.some((state) => before[state] !== now[state]);
  return `<article class="card">
<div class="head"><h2>${html(stack)}</h2><span class="badge ${result}">${result}</span>${
    seconds > 0 ? `<span class="time">${duration(seconds)}</span>` : ""
  }</div>
<p class="reason">${html(reason)}</p>
${now === null ? "" : `<h3>Wallets</h3>${changed ? bar("before", before) : ""}${bar(changed ? "now" : "", now)}${counts(now)}`}
${moved(stage)}${attention(stage)}${exposure(stage)}${receipt(stage)}
</article>`;
}

function bar(name: string, of: StateCounts): string {
  const parts = sharesOf(of);
  const spoken = parts.map(({ state, count }) => `${count} ${stateWords[state].label}`).join(", ");
  const pieces = parts.map(
    ({ state, percent }) => `<i style="flex:${percent.toFixed(3)} 0 0;background:var(--${state})"></i>`,
  );
  const piece = `<div class="bar" role="img" aria-label="${html(spoken)}">${pieces.join("")}</div>`;
  return name === "" ? piece : `<div class="barline ${name}"><span>${name}</span>${piece}</div>`;
}

function counts(of: StateCounts): string {
  const items = sharesOf(of).map(
    ({ state, count }) => `<li>${dot(state)}<b>${formatNumber(count)}</b> <span>${stateWords[state].label}</span></li>`,
  );
  return `<ul class="counts">${items.join("")}</ul>`;
}

function moved(stage: StageReport): string {
  const figures = movedBy(stage);
  if (figures.length === 0) return "";
  const items = figures.map(([count, what]) => `<li><b>${count}</b> <span>${what}</span></li>`);
  return `<h3>What moved</h3><ul class="moved">${items.join("")}</ul>`;
}

function attention(stage: StageReport): string {
  return openWallets(stage).map(openTable).join("");
}

function openTable({ title, named, more }: OpenWallets): string {
  const rows = named.map(
    ({ credentialId, state, label, advice }) =>
      `<tr><td><code>${html(credentialId)}</code></td><td>${dot(state)}${html(label)}</td><td>${html(advice)}</td></tr>`,
  );
  const table = `<div class="scroll"><table>
<tr><th>Wallet</th><th>State</th><th>Advice</th></tr>${rows.join("\n")}</table></div>`;
  return `<h3>${title}</h3>${rows.length > 0 ? table : ""}${more === "" ? "" : `<p class="more">${html(more)}</p>`}`;
}

function exposure({ exposure: findings = [] }: StageReport): string {
  if (findings.length === 0) return "";
  const rows = findings.map(
    ({ kind, object, detail, advice }) =>
      `<tr><td>${html(kind)}<br><code>${html(object)}</code></td><td>${html(detail)}</td><td>${html(advice)}</td></tr>`,
  );
  return `<details><summary>${exposureTitle(findings)}</summary><div class="scroll"><table class="exposure">
<tr><th>Where</th><th>Finding</th><th>Advice</th></tr>${rows.join("\n")}</table></div></details>`;
}

function receipt(stage: StageReport): string {
  const fields = receiptOf(stage);
  if (fields.length === 0) return "";
  return `<h3>Receipt</h3><dl class="receipt">${fields.map(([name, value]) => `<dt>${name}</dt><dd>${html(value)}</dd>`).join("")}</dl>`;
}

const dot = (state: string): string => `<span class="dot" style="background:var(--${html(state)})"></span>`;

/** Escapes a text for HTML, also inside an attribute. */
export function html(value: string): string {
  return value.replace(/[&<>"'`]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
