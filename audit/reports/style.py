"""How a report looks on a screen and on paper."""

STYLE = """
:root { --ink: #1c2430; --faint: #566272; --line: #d3d9e2; --red: #a4201a; --amber: #8a5a00;
  --green: #1d5f2f; --blue: #1f4e8c; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem; color: var(--ink); background: #fff;
  line-height: 1.6; font-size: 15px;
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; line-height: 1.3; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem;
  border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.02rem; margin: 1.4rem 0 .4rem; }
h4 { font-size: .95rem; margin: 0 0 .3rem; display: flex; gap: .3rem .7rem; flex-wrap: wrap;
  align-items: baseline; }
p, ul { margin: .35rem 0; } ul { padding-left: 1.3rem; }
.faint, .small { color: var(--faint); font-size: .86rem; }
.conclusion { font-size: 1.08rem; font-weight: 600; padding: .7rem .9rem; margin: .9rem 0;
  border: 1px solid var(--line); border-left: 6px solid var(--green); }
.conclusion.violation { border-left-color: var(--red); }
.conclusion.indeterminate { border-left-color: var(--amber); }
.left-out { border-left: 4px solid var(--amber); padding: .4rem .8rem; background: #fbf5e8; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; }
a { color: var(--blue); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 .9rem; font-size: .87rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .55rem .28rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { font-weight: 600; border-bottom: 1.5px solid var(--faint); overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
  padding-right: 1.1rem; }
th.number { white-space: normal; }
td p { margin: 0; }
th:first-child, td:first-child { min-width: 4.2em; }
.clauses td:first-child { white-space: nowrap; }
.conflicts table { table-layout: fixed; }
.conflicts th:nth-child(-n+2) { width: 34%; } .conflicts th:nth-child(3) { width: 8%; }
.duties td:nth-child(2):not(:nth-last-child(-n+6)) { min-width: 17rem; }
code { font-family: "Noto Sans Mono", "DejaVu Sans Mono", Consolas, monospace; font-size: .8rem;
  overflow-wrap: anywhere; }
.any { display: inline-block; min-width: 5.5rem; overflow-wrap: anywhere; }
dl { margin: .35rem 0; font-size: .87rem; display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; }
dl > div { display: flex; gap: .45rem; } dt { color: var(--faint); white-space: nowrap; }
dd { margin: 0; overflow-wrap: anywhere; }
.about dl, [id^="point-"] > dl { display: block; }
.about dt, [id^="point-"] > dl dt { min-width: 9rem; }
.result { font-weight: 600; }
article { border: 1px solid var(--line); border-left: 5px solid var(--faint); padding: .6rem .9rem;
  margin: .6rem 0; }
article.critical { border-left-color: #7d0f0a; } article.high { border-left-color: #c8453b; }
article.medium { border-left-color: #d39a2d; } article.low { border-left-color: #8494a7; }
.tag { border: 1px solid; border-radius: 3px; padding: 0 .4rem; font-size: .82rem;
  font-weight: 400; }
.cite { font-weight: 400; color: var(--faint); }
figure { margin: .6rem 0; } svg { max-width: 100%; height: auto; }
svg text { font-size: 13px; fill: var(--ink); }
.permitted { fill: #3f8f5b; } .excepted { fill: #8cc3a0; } .indeterminate { fill: #d9b04c; }
.violation { fill: #b3362d; } rect.critical { fill: #7d0f0a; } rect.high { fill: #c8453b; }
rect.medium { fill: #d39a2d; } rect.low { fill: #8494a7; }
.legend { display: flex; gap: .2rem 1.2rem; flex-wrap: wrap; font-size: .86rem; }
.sign { display: grid; grid-template-columns: 2fr 1fr 2fr; gap: 1.2rem; margin-top: 2.2rem;
  color: var(--faint); font-size: .88rem; }
.sign span { border-bottom: 1px solid var(--faint); padding-bottom: 1.6rem; }
@media screen and (max-width: 48rem) { body { padding: 1rem; }
  table { display: block; overflow-x: auto; } .sign { display: block; } }
@page { size: A4; margin: 17mm 15mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #566272; } }
@media print { body { max-width: none; padding: 0; font-size: 9.6pt; line-height: 1.5; }
  code { font-size: 7pt; } nav { display: none; } a { color: inherit; text-decoration: none; }
  h2, h3, h4 { break-after: avoid; } article, tr, figure, .sign { break-inside: avoid; }
  thead { display: table-header-group; }
  rect, .left-out { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
