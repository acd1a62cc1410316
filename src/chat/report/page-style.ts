/** How the page looks: on a phone, on a wide screen, in the dark, and on paper. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2330; --soft: #5b6475; --line: #d9dde5; --ground: #ffffff; --band: #f4f6f9;
  --open: #7a4b00; --open-ground: #fff4dc; --accent: #2456a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ef; --soft: #a2abba; --line: #343b47; --ground: #14181f; --band: #1c222b;
    --open: #f2cd86; --open-ground: #33290f; --accent: #8ab4f8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; color: var(--ink); background: var(--ground);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 3px solid var(--accent); padding-bottom: 1rem; margin-bottom: 2rem; }
header p { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: .25rem 0 0; font-size: 1.9rem; line-height: 1.25; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; line-height: 1.4; }
h1, h2, h3, p, li, dt, dd, td, th { overflow-wrap: anywhere; }
p { margin: .5rem 0; }
dl { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; margin: .5rem 0; border-top: 1px solid var(--line); }
dt, dd { margin: 0; padding: .4rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); padding-right: 1rem; }
ul { margin: .5rem 0; padding-left: 1.25rem; }
li { margin: .25rem 0; }
table { width: 100%; border-collapse: collapse; margin: .75rem 0; font-size: .93rem; }
caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .35rem; }
td { min-width: 6.5rem; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); white-space: nowrap; overflow-wrap: normal; }
tbody th { font-weight: 400; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; padding-right: 1.25rem; }
ul.tasks { list-style: none; padding: 0; }
ul.tasks li { display: flex; gap: .6rem; padding: .4rem 0; margin: 0; border-bottom: 1px solid var(--line); }
ul.tasks li > span:nth-child(2) { flex: 1; }
.box { flex: none; width: 1em; height: 1em; margin-top: .3em; border: 1.5px solid var(--soft); border-radius: .15em; }
.owner { color: var(--soft); }
em.open { font-style: normal; color: var(--open); background: var(--open-ground); padding: .1em .4em; border-radius: .25em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
figure { margin: 1rem 0; max-width: 46rem; }
img { display: block; max-width: 100%; height: auto; background: #fff; }
figcaption { color: var(--soft); font-size: .85rem; padding-top: .35rem; }
@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  dl { display: block; }
  dt { border-bottom: 0; padding: .5rem 0 0; font-size: .85rem; }
  dd { padding: 0 0 .5rem; }
  table, caption, tbody, tr, td, tbody th { display: block; }
  td[data-column]::before { content: attr(data-column) ": "; color: var(--soft); font-size: .85rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border-bottom: 1px solid var(--line); padding: .45rem 0; }
  td, tbody th { border: 0; padding: 0; }
  tbody th { font-weight: 600; white-space: normal; }
}
@media print {
  @page { margin: 18mm 16mm; }
  :root { --ink: #000; --soft: #444; --line: #bbb; --ground: #fff; --band: #fff; --open: #000; --open-ground: #fff; --accent: #000; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 18pt; }
  h2 { font-size: 13pt; margin-top: 16pt; }
  h3 { font-size: 10.5pt; }
  table { font-size: 8.5pt; }
  caption, .owner, figcaption { font-size: 8.5pt; }
  img { max-height: 120mm; }
  h1, h2, h3, caption { break-after: avoid; }
  section.new-page { break-before: page; }
  tr, li, dt, dd, figure { break-inside: avoid; }
  dt { break-after: avoid; }
  thead { display: table-header-group; }
  td { min-width: 5rem; }
  em.open { border: 1px dashed #555; }
}
`
