"""The style sheet of a model card: light, dark and on paper, from a phone to a wide window."""

# Text colours have a contrast of 4.5 or more to the background (WCAG AA), series colours 3 or more. Series also
# differ by their dashes, so that colour is never the only difference.
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "5 2", "1 2")
SERIES = len(DASHES)

_LIGHT = """--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--good:#116329;--bad:#a40e26;
--heat:31 111 235;--s0:#1f5fbf;--s1:#b3480a;--s2:#1a7f4b;--s3:#8a3ab9;--s4:#8c6a00;--s5:#b3225e"""
_DARK = """--paper:#0e1116;--card:#171b22;--ink:#e8ebef;--soft:#a3adb8;--line:#333b45;--good:#57c777;--bad:#ff8f86;
--heat:76 141 255;--s0:#6ea8ff;--s1:#ff9d5c;--s2:#5fd08f;--s3:#cf9bf2;--s4:#e0bd4f;--s5:#ff85b0"""

STYLE = (
    ":root{color-scheme:light dark;" + _LIGHT + "}\n"
    "@media screen and (prefers-color-scheme:dark){:root{" + _DARK + "}}\n"
    """*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:68rem;margin:0 auto;padding:1.5rem 1.1rem 4rem}
header{border-left:6px solid var(--soft);padding:.2rem 0 .2rem 1.1rem;margin:.5rem 0 2rem}
header.good{border-color:var(--good)}header.bad{border-color:var(--bad)}
h1{font-size:clamp(1.35rem,3.6vw,2rem);line-height:1.25;margin:0 0 .6rem;letter-spacing:-.01em}
h2{font-size:1.3rem;margin:2.6rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.4rem 0 .4rem}
p,ul{max-width:46rem;margin:.5rem 0}bdi{font-weight:600}
.soft,figcaption{color:var(--soft);font-size:.9rem}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.7rem;padding:0;margin:1rem 0;
max-width:none;list-style:none}
.key li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}
.key b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.key span{display:block;color:var(--soft);font-size:.85rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr));gap:1rem;margin:1rem 0}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;min-width:0;
break-inside:avoid}
figure h3{margin:0 0 .3rem}
svg{display:block;width:100%;height:auto;max-width:26rem;margin:auto}
svg text{fill:var(--soft);font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg text.v{fill:var(--ink)}
.axis{stroke:var(--line);fill:none}.guide{stroke:var(--soft);stroke-dasharray:3 3;fill:none}
.bar{fill:var(--s0)}.quiet{fill:var(--line)}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.9rem;padding:.2rem 0 .4rem}
th,td{text-align:left;padding:.32rem .8rem .32rem 0;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:normal}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:9rem}
thead th{color:var(--soft);font-weight:600;font-size:.85rem}
.n{text-align:right;padding-left:.6rem}td.n{white-space:nowrap}
td.text{white-space:normal}
.heat td{padding:.35rem .7rem;text-align:right;background:rgb(var(--heat)/calc(var(--share)*.42))}
.heat td.hit{outline:2px solid var(--soft);outline-offset:-2px}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;padding:0;margin:.4rem 0 0;
font-size:.85rem;max-width:none}
.legend svg{display:inline-block;width:30px;height:8px;margin:0 .4rem 0 0;vertical-align:middle}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
@media(max-width:34rem){main{padding:1rem .9rem 3rem}h2{margin-top:2rem}}
@media print{main{max-width:none;padding:0}body{font-size:10.5pt}.scroll{overflow:visible}h2,h3,
caption{break-after:avoid}tr{break-inside:avoid}.figures{grid-template-columns:1fr 1fr}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
    + "".join(
        f".s{i}{{stroke:var(--s{i});stroke-dasharray:{dash};stroke-width:2.2;fill:none;stroke-linejoin:round}}"
        f".f{i}{{fill:var(--s{i})}}\n"
        for i, dash in enumerate(DASHES)
    )
)
