/// How charts look: colours come from variables, so that a page can be light or dark.
package let chartStyle = """
  svg{display:block;width:100%;height:auto;overflow:visible;\
  font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
  svg text{fill:var(--ink)} svg .tick{fill:var(--soft);font-size:11px}
  svg .axis{font-size:12.5px} svg .note{fill:var(--soft);font-size:11px}
  .grid{stroke:var(--rule);stroke-width:.7;fill:none}
  .frame{stroke:var(--soft);stroke-width:.8} .frame:not([fill]){fill:none}
  .rule{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3;fill:none}
  .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}\
  .dashed{stroke-dasharray:6 4;stroke-linecap:butt}
  .band{stroke:none;opacity:.22} .area{stroke:none;opacity:.28} .dot{stroke:none}
  .empty{fill:var(--void)} image{image-rendering:pixelated}
  \((0..<Palette.light.count).map {
    ".line.k\($0){stroke:var(--c\($0))} .band.k\($0),.area.k\($0),.dot.k\($0){fill:var(--c\($0))}"
  }.joined(separator: "\n"))
  """

/// How a page looks: light or dark as the reader's system is, on a phone, and on paper.
let pageStyle = """

  :root{color-scheme:light dark;\(light)}
  @media (prefers-color-scheme:dark){:root{\(dark)}}
  *{box-sizing:border-box} html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
  body{margin:0;background:var(--page);color:var(--ink);\
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
  header,footer{max-width:1240px;margin:0 auto;padding:28px 28px 6px}
  h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.01em}
  header p,footer p{color:var(--soft);margin:.35rem 0 0}
  footer{font-size:.85rem;padding-bottom:40px}
  .layout{max-width:1240px;margin:0 auto;padding:0 28px;display:grid;\
  grid-template-columns:190px minmax(0,1fr);gap:36px}
  nav{font-size:.9rem} nav details{position:sticky;top:0;padding:22px 0;max-height:100vh;\
  overflow:auto}
  nav summary{font-weight:600;cursor:pointer} nav ol{list-style:none;margin:.4rem 0 0;padding:0}
  nav a{display:block;padding:4px 0;color:var(--soft);text-decoration:none}
  nav a:hover,nav a:focus-visible{color:var(--link);text-decoration:underline}
  a{color:var(--link)} section{padding:14px 0 18px;scroll-margin-top:6px}
  section+section{border-top:1px solid var(--rule)}
  h2{font-size:1.35rem;margin:.5rem 0 .6rem} h3{font-size:1rem;margin:0 0 .5rem;font-weight:600}
  p{max-width:46rem;margin:.5rem 0} ul{max-width:46rem;padding-left:1.3rem}
  .figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px;margin:14px 0}
  figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:10px;\
  padding:16px 16px 12px;min-width:0;break-inside:avoid}
  figure.wide{grid-column:1/-1}
  figcaption{font-size:.85rem;line-height:1.45;color:var(--soft);margin-top:.5rem;max-width:60rem}
  .figures .half{display:flex;flex-direction:column}
  figcaption a{white-space:normal}
  .maps{display:grid;grid-template-columns:repeat(auto-fit,minmax(196px,1fr));gap:12px}
  .maps svg{max-width:330px;margin:0 auto}
  svg:focus,canvas:focus{outline:none}
  svg:focus-visible,canvas:focus-visible,.scroll:focus-visible,pre:focus-visible{\
  outline:2px solid var(--link);outline-offset:3px;border-radius:4px}
  .cursor{stroke:var(--ink);stroke-width:1;fill:none;pointer-events:none}
  #tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--page);\
  font-size:.8rem;line-height:1.4;padding:6px 10px;border-radius:6px;max-width:280px;\
  white-space:pre-line;font-variant-numeric:tabular-nums}
  .verdict{border:1px solid var(--rule);border-left:6px solid var(--mark);border-radius:10px;\
  padding:14px 18px;background:var(--card);margin:8px 0 18px}
  .good{--mark:var(--c3)} .caution{--mark:var(--c1)} .bad{--mark:#c0392b}
  .headline{font-size:1.15rem;font-weight:600;margin:0 0 .3rem;display:flex;gap:.6rem;\
  max-width:none}
  .sign{flex:none;display:inline-grid;place-items:center;width:1.6rem;height:1.6rem;\
  border-radius:50%;background:var(--mark);color:var(--card);font-weight:700;font-size:1rem}
  .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:12px;\
  margin:14px 0}
  .tiles div{background:var(--card);border:1px solid var(--rule);border-radius:10px;\
  padding:10px 14px}
  .tiles dt{font-size:.82rem;color:var(--soft)}
  .tiles dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}
  .tiles small{display:block;font-size:.78rem;font-weight:400;color:var(--soft);line-height:1.35}
  .facts{display:grid;grid-template-columns:minmax(9rem,max-content) minmax(0,1fr);gap:3px 18px;\
  font-size:.9rem} .facts dt{color:var(--soft)} .facts dd{margin:0;overflow-wrap:anywhere}
  .scroll{overflow-x:auto;margin:14px 0}
  table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;min-width:60%}
  caption{text-align:left;color:var(--soft);padding-bottom:.4rem;\
  max-width:min(46rem,calc(100vw - 30px))}
  th,td{padding:5px 10px;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}
  th:first-child{text-align:left} tbody th{font-weight:400;padding-left:0} thead th{font-weight:600}
  thead th:first-child{padding-left:0} td:last-child{white-space:normal}
  details summary{cursor:pointer} pre{overflow:auto;background:var(--card);padding:12px;\
  border:1px solid var(--rule);border-radius:8px;font-size:.8rem;max-height:32rem}
  .stage{display:grid;grid-template-columns:minmax(0,1fr) 190px;gap:14px;align-items:start}
  canvas{width:100%;height:auto;touch-action:pan-y;cursor:grab;border-radius:8px;\
  background:var(--page)}
  .choices{display:grid;gap:6px}
  button{font:inherit;font-size:.85rem;text-align:left;color:var(--ink);background:none;\
  border:1px solid var(--rule);border-radius:7px;padding:6px 10px;cursor:pointer}
  button[aria-pressed=true]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
  .picture img{max-width:100%;height:auto;image-rendering:pixelated;min-width:min(100%,420px)}
  .labelled{display:flex;gap:10px} .labelled ol{list-style:none;margin:0;padding:0;display:flex;\
  flex-direction:column;font-size:.78rem;color:var(--soft);text-align:right;flex:none;\
  max-width:32%} .labelled li{flex:1;display:flex;align-items:center;justify-content:end;\
  min-height:0;overflow-wrap:anywhere;line-height:1.1}
  .labelled img{min-width:0;flex:0 1 auto;width:min(100%,440px);align-self:start}
  .skip{position:absolute;left:-999px} .skip:focus{left:8px;top:8px;background:var(--card);\
  padding:6px}
  \(chartStyle)
  @media screen and (max-width:940px){.layout{grid-template-columns:minmax(0,1fr);gap:0}\
  nav details{position:static;padding:10px 0;max-height:none}\
  nav ol{columns:2} .stage{grid-template-columns:minmax(0,1fr)}}
  @media screen and (max-width:720px){header,footer{padding-left:14px;padding-right:14px}\
  .layout{padding:0 14px} h1{font-size:1.45rem}\
  .figures{grid-template-columns:minmax(0,1fr)} figure{padding:12px 10px}\
  .maps{grid-template-columns:repeat(2,minmax(0,1fr));gap:6px}\
  .tiles{grid-template-columns:1fr 1fr}\
  svg .tick,svg .note{font-size:13.5px} svg .axis,svg .legend{font-size:14px}\
  svg .alt{display:none}\
  .maps svg .tick{font-size:15px} .maps svg .axis{font-size:16px}\
  .choices{grid-template-columns:1fr 1fr} .facts{grid-template-columns:minmax(0,1fr)}\
  .facts dd{margin-bottom:5px}}
  @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
  @media print{:root{\(light);--page:#fff;--void:#fff} body{font-size:10.5pt}\
  nav,.skip,#tip,.choices{display:none}\
  .layout{display:block;max-width:none;padding:0} header,footer{padding:0}\
  .figures{gap:10px} .maps{grid-template-columns:repeat(4,minmax(0,1fr))} .stage{display:block}\
  figure,.verdict,.tiles div{break-inside:avoid} h2{break-after:avoid} .scroll{overflow:visible}\
  table{font-size:8pt} th,td{padding:3px 6px;white-space:normal} .cursor{display:none}\
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

  """

private let light =
  "--page:#f7f7f8;--void:#f4f4f6;--card:#fff;--ink:#1c1c1e;--soft:#5a5a5f;"
  + "--rule:#dcdce0;--link:#005ea8;"
  + Palette.variables(Palette.light)
private let dark =
  "--page:#131316;--void:#3a3a41;--card:#1d1d21;--ink:#ececef;--soft:#a6a6ad;"
  + "--rule:#36363c;--link:#7cc0ff;"
  + Palette.variables(Palette.dark)
