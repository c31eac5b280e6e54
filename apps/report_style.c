/* The style sheet of a report. Light and dark follow the system. Every text has a contrast of 4.5
 * to 1 at least with what is behind it, in all shades of the confusion matrix too, which
 * tests/test_report.c measures. No meaning is in a hue alone: mistakes have no frame, the line of
 * the train samples is dashed, and wrong predictions say so. */
#include "apps/report_parts.h"

const char *const report_style[] = {
    ":root{--bg:#fcfcfb;--card:#fff;--ink:#1a2028;--soft:#57606c;--rule:#dcdfe3;"
    "--tint:#e7eef7;--link:#1b5fae;\n",
    "--train:#b0560a;--val:#1f5fa8;--mark:#57606c;\n",
    "--d1:#e3eefb;--d2:#c3dbf5;--d3:#94bfec;--d4:#629ddc;--d5:#2a6db8;--d6:#124a8a;\n",
    "--e1:#fdebd9;--e2:#fbd2a8;--e3:#f5ad66;--e4:#e08a3a;--e5:#b2590b;--e6:#8a3f00;\n",
    "--low:#10161d;--mid:#10161d;--high:#fff}\n",
    "@media screen and (prefers-color-scheme:dark){:root{--bg:#12161b;"
    "--card:#191e25;--ink:#e4e8ed;--soft:#a3adb9;--rule:#323a44;\n",
    "--tint:#22303f;--link:#85b8f2;--train:#f0a254;--val:#79b2f0;--mark:#a3adb9;\n",
    "--d1:#17273a;--d2:#193657;--d3:#1d4a7d;--d4:#2a64a6;--d5:#6eaaea;--d6:#aed4f9;\n",
    "--e1:#33251a;--e2:#4b3119;--e3:#6b4013;--e4:#8c500e;--e5:#e59a45;--e6:#f9cc94;\n",
    "--low:#e8ecf1;--mid:#fff;--high:#10161d}}\n",
    "*{box-sizing:border-box}\n",
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n",
    "body{margin:0 auto;max-width:76rem;"
    "padding:clamp(1rem,4vw,3rem) clamp(1rem,4vw,2.5rem);background:var(--bg);"
    "color:var(--ink);\n",
    "font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu "
    "Sans\",sans-serif;"
    "overflow-wrap:anywhere}\n",
    "h1,h2,h3,p,dl,dd,ul,figure{margin:0;padding:0}\n",
    "a{color:var(--link)}\n",
    "code,pre{font-family:ui-monospace,\"SF Mono\",\"Cascadia Mono\",Menlo,Consolas,\"DejaVu Sans "
    "Mono\",monospace;"
    "font-size:.875em}\n",
    ".over{font-size:.8125rem;font-weight:600;color:var(--soft);"
    "letter-spacing:.02em}\n",
    ".over span{font-weight:400;margin-left:.4em}\n",
    "h1{font-size:clamp(1.4rem,1.1rem + 1.4vw,2rem);line-height:1.2;"
    "font-weight:650;letter-spacing:-.015em;margin:.25rem 0 .5rem}\n",
    "h1 span{font-weight:400;color:var(--soft)}\n",
    ".points{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;"
    "color:var(--soft);font-size:.875rem}\n",
    ".figures{display:grid;grid-template-columns:2fr 1fr 1fr 1fr;gap:.75rem;"
    "margin:1.5rem 0 1.25rem}\n",
    ".figure{background:var(--card);border:1px solid var(--rule);"
    "border-radius:.5rem;padding:.8rem 1rem}\n",
    ".figure dt{font-size:.8125rem;color:var(--soft)}\n",
    ".figure b{display:block;font-size:1.5rem;line-height:1.25;font-weight:600;"
    "font-variant-numeric:tabular-nums;letter-spacing:-.01em}\n",
    ".figure.main b{font-size:2.25rem;line-height:1.15}\n",
    ".figure small{display:block;font-size:.8125rem;line-height:1.4;"
    "color:var(--soft);margin-top:.15rem}\n",
    "@media (max-width:52rem){.figures{grid-template-columns:repeat(3,1fr)}"
    ".figure.main{grid-column:1/-1}}\n",
    "@media (max-width:32rem){.figures{grid-template-columns:1fr 1fr}"
    ".figure:last-child:nth-child(even){grid-column:1/-1}}\n",
    "nav{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;"
    "border-block:1px solid var(--rule);padding:.55rem 0;font-size:.875rem}\n",
    "nav a{text-decoration:none;padding:.15rem 0}\n",
    "nav a:hover{text-decoration:underline}\n",
    "section{margin-top:2.5rem;scroll-margin-top:1rem}\n",
    "h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;"
    "margin-bottom:.6rem}\n",
    "h3{font-size:1rem;font-weight:650;margin:1.5rem 0 .5rem}\n",
    ".note{max-width:46rem;color:var(--soft);font-size:.875rem;"
    "margin-bottom:.75rem}\n",
    ".box{overflow-x:auto;max-width:100%}\n",
    ".box:focus-visible,pre:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid "
    "var(--link);"
    "outline-offset:2px}\n",
    "details{margin-top:.75rem}\n",
    "summary{cursor:pointer;color:var(--link);font-size:.875rem;width:max-content;"
    "max-width:100%}\n",
    "details .box{max-height:32rem;overflow:auto;margin-top:.5rem}\n",
    "details thead th{position:sticky;top:0;background:var(--bg)}\n",
    "table{border-collapse:collapse;font-size:.875rem;"
    "font-variant-numeric:tabular-nums}\n",
    "th,td{text-align:left;padding:.3rem .75rem;"
    "border-bottom:1px solid var(--rule);vertical-align:top;font-weight:400}\n",
    "th:first-child,td:first-child{padding-left:0}\n",
    "thead th{color:var(--soft);font-size:.8125rem;white-space:nowrap;"
    "vertical-align:bottom;border-bottom-color:var(--soft)}\n",
    ".n{text-align:right;white-space:nowrap}\n",
    "tfoot th,tfoot td{border-bottom:0;border-top:1px solid var(--soft);"
    "font-weight:600}\n",
    ".bestrow th,.bestrow td{font-weight:650}\n",
    ".charts{display:grid;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:1.5rem 2.5rem;margin-bottom:1rem}\n",
    ".chart figcaption{display:flex;flex-wrap:wrap;align-items:baseline;"
    "gap:0 .4rem;font-size:.875rem}\n",
    ".chart small{color:var(--soft)}\n",
    ".keys{display:flex;flex-wrap:wrap;gap:0 1rem;margin-left:auto}\n",
    ".key i{display:inline-block;width:1.6em;border-top:2px solid var(--val);"
    "margin-right:.4em;vertical-align:.28em}\n",
    ".key.train i{border-top:2px dashed var(--train)}\n",
    ".key b{font-weight:600;font-variant-numeric:tabular-nums}\n",
    ".plot{display:grid;grid-template-columns:auto 1fr;margin-top:1.9rem;"
    "font-size:.75rem;line-height:1;color:var(--soft);"
    "font-variant-numeric:tabular-nums}\n",
    ".ys{position:relative;min-width:3.4em}\n",
    ".ys span{position:absolute;right:.7em;transform:translateY(-50%);"
    "white-space:nowrap}\n",
    ".area{position:relative;height:15rem}\n",
    ".area svg{display:block;width:100%;height:100%;overflow:visible}\n",
    ".area path{fill:none;vector-effect:non-scaling-stroke}\n",
    ".grid{stroke:var(--rule);stroke-width:1}\n",
    ".mark{stroke:var(--mark);stroke-width:1;stroke-dasharray:2 3}\n",
    ".line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n",
    ".line.val{stroke:var(--val)}\n",
    ".line.train{stroke:var(--train);stroke-dasharray:6 4;stroke-linecap:butt}\n",
    ".line.dots{stroke-width:6;stroke-linecap:round;stroke-dasharray:none}\n",
    ".rows th,.rows td{white-space:nowrap;max-width:16rem;overflow:hidden;"
    "text-overflow:ellipsis}\n",
    ".scatter{max-width:32rem}.scatter .area{height:24rem}\n",
    ".scatter .dots{stroke-width:5;opacity:.55}\n",
    ".area rect{fill:var(--ink);opacity:0}\n",
    ".area rect:hover{opacity:.08}\n",
    ".best{position:absolute;top:-1.35rem;white-space:nowrap;color:var(--ink)}\n",
    ".xs{grid-column:2;position:relative;height:1em;margin-top:.55rem}\n",
    ".xs span{position:absolute;transform:translateX(-50%);white-space:nowrap}\n",
    ".xname{grid-column:2;text-align:center;margin-top:.4rem}\n",
    ".matrix th,.matrix td{border:0;padding:.3rem .35rem}\n",
    ".matrix td{text-align:center;white-space:nowrap;min-width:2.6rem;"
    "border:2px solid var(--bg);color:var(--low);vertical-align:middle}\n",
    ".matrix tbody th{position:sticky;left:0;background:var(--bg);text-align:right;"
    "padding-right:.6rem;vertical-align:middle;z-index:1}\n",
    ".matrix tbody th span{display:block;max-width:11rem;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap}\n",
    ".dense th,.dense td{font-size:.75rem}.matrix.dense td{min-width:1.9rem;"
    "padding:.3rem .15rem}.dense tbody th span{max-width:8.5rem}\n",
    ".matrix .up{vertical-align:bottom;text-align:center;color:var(--ink)}\n",
    ".matrix .up span{display:inline-block;writing-mode:vertical-rl;"
    "transform:rotate(180deg);max-height:9rem;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap}\n",
    ".matrix .corner{position:sticky;left:0;background:var(--bg);z-index:1;"
    "text-align:right;font-weight:400}\n",
    ".corner span{display:block}\n",
    ".matrix td.d0,.matrix td.e0{color:var(--soft)}\n",
    ".d1{background:var(--d1)}.d2{background:var(--d2)}.d3{background:var(--d3)}"
    ".d4{background:var(--d4)}.d5{background:var(--d5)}.d6{background:var(--d6)}\n",
    ".e1{background:var(--e1)}.e2{background:var(--e2)}.e3{background:var(--e3)}"
    ".e4{background:var(--e4)}.e5{background:var(--e5)}.e6{background:var(--e6)}\n",
    ".matrix td.d4,.matrix td.e4{color:var(--mid)}\n",
    ".matrix td.d5,.matrix td.e5,.matrix td.d6,.matrix td.e6{color:var(--high)}\n",
    ".matrix td[class^=d]{outline:1px solid var(--ink);outline-offset:-3px;"
    "font-weight:600}\n",
    ".side{display:flex;flex-wrap:wrap;gap:1.5rem 3.5rem;align-items:flex-start}"
    ".side>div{min-width:0;max-width:100%}"
    ".side>div:first-child{min-width:min(100%,27rem)}.side h3{margin-top:0}\n",
    ".scale{display:flex;flex-wrap:wrap;gap:.15rem .9rem;margin-top:.6rem;"
    "max-width:none;width:0;min-width:100%}\n",
    ".scale i{display:inline-block;width:1em;height:1em;vertical-align:-.15em;"
    "border:1px solid var(--rule)}\n",
    ".scale i[class^=d]{border-color:var(--ink)}\n",
    ".bar{min-width:6.5rem;"
    "background:linear-gradient(90deg,var(--tint) var(--v),transparent 0) .75rem 50%/calc(100% - "
    "1rem) 72% no-repeat}\n",
    ".classes th[scope=row]{min-width:9rem}\n",
    ".tiles{display:grid;"
    "grid-template-columns:repeat(auto-fill,minmax(min(10.5rem,45%),1fr));"
    "gap:1.25rem .9rem}\n",
    ".tile{min-width:0;font-size:.8125rem;line-height:1.35}\n",
    ".tile img,.nopicture{display:block;width:100%;height:auto;aspect-ratio:1;"
    "object-fit:contain;background:#000;border-radius:.3rem}\n",
    ".tile img.small{image-rendering:pixelated}\n",
    ".nopicture{display:flex;align-items:center;justify-content:center;"
    "background:var(--tint);color:var(--soft)}\n",
    ".tile figcaption{margin-top:.4rem}\n",
    ".guess{display:grid;grid-template-columns:1fr auto;column-gap:.5rem;"
    "padding-bottom:.4rem;\n",
    "background:linear-gradient(90deg,var(--bar) var(--v),var(--rule) 0) 0 calc(100% - "
    ".15rem)/100% 3px no-repeat}\n",
    ".guess span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}\n",
    ".guess b{font-weight:600;font-variant-numeric:tabular-nums}\n",
    ".guess small{grid-column:1/-1;color:var(--soft);font-size:.75rem}\n",
    ".guess+.guess{margin-top:.25rem}\n",
    ".guess.right{--bar:var(--val)}.guess.wrong{--bar:var(--train)}"
    ".guess.other{--bar:var(--soft)}\n",
    ".file{color:var(--soft);font-size:.75rem;margin-top:.25rem}\n",
    ".facts{width:100%;max-width:46rem}\n",
    ".facts th{width:14rem;color:var(--soft)}\n",
    ".settings th{white-space:nowrap}.settings td{min-width:11rem}\n",
    ".settings .help{color:var(--soft);min-width:18rem;width:60%}\n",
    "pre{margin:0 0 .75rem;padding:.8rem 1rem;background:var(--card);"
    "border:1px solid var(--rule);border-radius:.5rem;white-space:pre-wrap;"
    "line-height:1.6}\n",
    "footer{margin-top:3rem;padding-top:.75rem;border-top:1px solid var(--rule);"
    "color:var(--soft);font-size:.8125rem}\n",
    "@media (max-width:32rem){.settings,.settings tbody,.settings tr,.settings th,.settings "
    "td{display:block}"
    ".settings tr{border-bottom:1px solid var(--rule);padding:.35rem 0}\n",
    ".settings th,.settings td{border:0;padding:.05rem 0}"
    ".settings td,.settings .help{min-width:0;width:auto}"
    ".box th,.box td{padding-inline:.3rem}"
    ".box .settings th,.box .settings td{padding-inline:0}"
    ".box td:first-child,.box th:first-child{padding-left:0}\n",
    ".bar{min-width:3.7rem;background-position:.3rem 50%;"
    "background-size:calc(100% - .4rem) 72%}"
    ".classes th[scope=row]{min-width:4.2rem}"
    ".matrix tbody th span{max-width:6.5rem}\n",
    ".facts th{width:8rem}.area{height:12rem}}\n",
    "@media print{:root{--bg:#fff;color-scheme:light}h2,h3,.note{break-after:avoid}"
    ".charts{grid-template-columns:1fr 1fr}.area{height:9rem}"
    ".tiles{grid-template-columns:repeat(4,1fr)}.matrix,p{break-inside:avoid}\n",
    "body{max-width:none;padding:0;font-size:10pt}nav,details{display:none}"
    "section{break-inside:auto}\n",
    ".tile,.chart,.figure,tr{break-inside:avoid}.box{overflow:visible}\n",
    ".matrix td,.scale i,.bar,.guess,.tile img{print-color-adjust:exact;"
    "-webkit-print-color-adjust:exact}}\n",
    NULL,
};
