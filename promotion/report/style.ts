/** The report's styles: no fonts or pictures from elsewhere, light or dark by the setting of the reader's system. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --line: #dfe3e8; --ink: #17202b; --soft: #586574; --track: #e8ebef;
  --stored: #1a8a64; --pending: #3478d4; --conflict: #cf3547; --ambiguousSource: #d97a1c;
  --unreadableSource: #8a52c4; --missingKey: #6b7480;
  --good: #13724f; --good-back: #e0f3eb; --bad: #b0263a; --bad-back: #fce6e8; --hold: #8a5300; --hold-back: #fdf0da;
  --rest: #55616f; --rest-back: #e9ecf0; --shadow: 0 1px 2px #17202b14, 0 4px 16px #17202b0a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151b; --card: #19202a; --line: #2b3542; --ink: #e7ecf2; --soft: #9aa7b6; --track: #2a3440;
    --stored: #3fbf92; --pending: #6aa5f2; --conflict: #f0707e; --ambiguousSource: #eea255;
    --unreadableSource: #b78bea; --missingKey: #8d99a8;
    --good: #6fdcb3; --good-back: #143a2e; --bad: #ff9aa5; --bad-back: #451d25; --hold: #f3c377; --hold-back: #40300f;
    --rest: #aeb9c6; --rest-back: #28323e; --shadow: none;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 13px; margin: 22px 0 8px; color: var(--soft); font-weight: 600; }
p { margin: 0; }
.over { color: var(--soft); font-size: 13px; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; }
.lead { color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 24px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
.wave { margin: 28px 0 0; }
.wave > .over { display: flex; align-items: center; gap: 12px; margin-bottom: 12px; }
.wave > .over::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.cards { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; box-shadow: var(--shadow); min-width: 0; }
.head { display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
.time { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { border-radius: 999px; padding: 2px 11px; font-size: 13px; font-weight: 600; }
.promoted, .unchanged { color: var(--good); background: var(--good-back); }
.failed, .refused { color: var(--bad); background: var(--bad-back); }
.declined { color: var(--hold); background: var(--hold-back); }
.skipped { color: var(--rest); background: var(--rest-back); }
.reason { margin-top: 10px; overflow-wrap: anywhere; }
.barline { display: grid; grid-template-columns: 52px 1fr; align-items: center; gap: 10px; margin-top: 8px; color: var(--soft); font-size: 13px; }
.bar { display: flex; gap: 2px; height: 18px; border-radius: 6px; overflow: hidden; background: var(--track); }
.bar i { min-width: 5px; }
.before .bar { height: 8px; opacity: 0.75; }
.counts { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.counts b, .moved b { font-weight: 650; }
.counts span, .moved span { color: var(--soft); }
.moved { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: 7px 14px 7px 0; border-top: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; border-top: 0; }
code, .receipt dd { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
p.more { margin-top: 8px; font-size: 13px; color: var(--soft); }
td:first-child { min-width: 150px; }
td:nth-child(2) { white-space: nowrap; }
.exposure td:nth-child(2) { white-space: normal; }
summary { font-size: 13px; margin: 22px 0 8px; color: var(--soft); font-weight: 600; cursor: pointer; }
.receipt { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 0; font-size: 13px; }
.receipt dt { color: var(--soft); }
.receipt dd { margin: 0; }
footer { margin-top: 32px; color: var(--soft); font-size: 13px; }
@media print { body { background: #fff; } .card { break-inside: avoid; box-shadow: none; } }
`;
