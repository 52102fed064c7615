"""The style sheet of a model card: light, dark and on paper, from a phone to a wide window.

A class has one colour in every chart, and a dash where it is a line; train rows are pale and test rows solid; green
and red say what a model is worth and nothing else.
"""

# Text colours have a contrast of 4.5 or more to the background (WCAG AA), series colours 3 or more. Series differ by
# their dashes too, and by colours that are told apart with each kind of colour blindness (a test measures it).
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "5 2", "1 2")
SERIES = len(DASHES)
LIGHT_SERIES = ("#0857a6", "#bf460a", "#2991a6", "#ac59ff", "#591304", "#282859")
DARK_SERIES = ("#59acff", "#f2973d", "#3f7f8c", "#9b50e6", "#ffd4cc", "#bf640a")


def _colours(series: tuple[str, ...]) -> str:
    return ";".join(f"--s{i}:{colour}" for i, colour in enumerate(series))


_LIGHT = (
    "--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--good:#116329;--bad:#a40e26;"
    "--heat:87 96 106;" + _colours(LIGHT_SERIES)
)
_DARK = (
    "--paper:#0e1116;--card:#171b22;--ink:#e8ebef;--soft:#a3adb8;--line:#333b45;--good:#57c777;--bad:#ff8f86;"
    "--heat:163 173 184;" + _colours(DARK_SERIES)
)

STYLE = (
    ":root{color-scheme:light dark;" + _LIGHT + "}\n"
    "@media screen and (prefers-color-scheme:dark){:root{" + _DARK + "}}\n"
    """*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:80rem;margin:0 auto;padding:1.5rem 1.1rem 4rem}
header{border-left:6px solid var(--soft);padding:.2rem 0 .2rem 1.1rem;margin:.5rem 0 1.5rem}
header.good{border-color:var(--good)}header.bad{border-color:var(--bad)}
.outcome{font-weight:700;margin:0;color:var(--soft)}.good .outcome{color:var(--good)}.bad .outcome{color:var(--bad)}
h1{font-size:clamp(1.3rem,3.2vw,1.85rem);line-height:1.3;margin:.1rem 0 .6rem;letter-spacing:-.01em;max-width:62rem}
h2{font-size:1.3rem;margin:2.6rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.4rem 0 .4rem}
p,ul{max-width:46rem;margin:.5rem 0}ul{padding-left:1.2rem}bdi{font-weight:600}
.soft,figcaption{color:var(--soft);font-size:.9rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;max-width:none;font-size:.92rem}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.2em}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.7rem;padding:0;margin:1rem 0;
max-width:none;list-style:none}
.key li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}
.key b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.key span{display:block;color:var(--soft);font-size:.85rem}
.figures,.two{display:grid;gap:1rem;margin:1rem 0}
.figures{grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr))}
.two{grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:.5rem 2.5rem;margin:0}
.two>div{min-width:0}.two>div>:first-child{margin-top:.5rem}.two .figures{grid-template-columns:minmax(0,1fr)}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;min-width:0;
break-inside:avoid}
figure h3{margin:0 0 .3rem}
svg{display:block;width:100%;height:auto;max-width:26rem;margin:auto}
svg text{fill:var(--soft);font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;
font-variant-numeric:tabular-nums}
svg text.v{fill:var(--ink)}
.axis{stroke:var(--line);fill:none}.guide{stroke:var(--soft);stroke-dasharray:3 3;fill:none}
.ink{fill:var(--soft)}.stroke{stroke:var(--ink);fill:none;stroke-width:1.4}
.line{stroke:var(--soft);fill:none;stroke-width:2.2}
.train{fill-opacity:.3}.test{fill-opacity:.85}.under{fill-opacity:.12}.over{fill-opacity:.4}
.alone{stroke-dasharray:none!important}.thin{stroke-width:1.3!important;stroke-dasharray:none!important}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums lining-nums}
caption{text-align:left;color:var(--soft);font-size:.9rem;padding:.2rem 0 .4rem}
th,td{text-align:left;padding:.32rem .8rem .32rem 0;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:normal}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:7.5rem}
thead th{color:var(--soft);font-weight:600;font-size:.85rem;vertical-align:bottom}
.n{text-align:right;padding-left:.6rem}td.n{white-space:nowrap}
tr.used{background:var(--card);font-weight:600}tr.used th{font-weight:600}
.heat td{padding:.35rem .7rem;text-align:right;background:rgb(var(--heat)/calc(var(--share)*.42))}
.heat td.hit{outline:2px solid var(--soft);outline-offset:-2px}
.dot{display:inline-block;width:.62em;height:.62em;border-radius:50%;margin-right:.4em}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;padding:0;margin:.4rem 0 0;
font-size:.85rem;max-width:none}
.legend svg{display:inline-block;width:30px;height:8px;margin:0 .4rem 0 0;vertical-align:middle}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;margin:.6rem 0;
white-space:pre-wrap}td code{overflow-wrap:anywhere}
.warning{font-weight:600}
:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
@media(max-width:34rem){main{padding:1rem .7rem 3rem}figure{padding:.6rem .4rem}
figure h3,figcaption,.legend{margin-left:.3rem}
h2{margin-top:2rem}.key{grid-template-columns:1fr 1fr}th,td{padding-right:.4rem}tbody th{min-width:4.5rem;
overflow-wrap:break-word}
.n{padding-left:.3rem}}
@media print{main{max-width:none;padding:0}body{font-size:10pt}.scroll{overflow:visible}h2,h3,
caption{break-after:avoid}tr,.key li{break-inside:avoid}
.key{grid-template-columns:repeat(4,1fr)}.figures{grid-template-columns:1fr 1fr}nav{display:none}
.two{grid-template-columns:1fr}.two .figures{grid-template-columns:1fr 1fr}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
    + "".join(
        f".s{i}{{stroke:var(--s{i});stroke-dasharray:{dash};stroke-width:2.2;fill:none;stroke-linejoin:round}}"
        f".f{i}{{fill:var(--s{i})}}.b{i}{{background:var(--s{i})}}\n"
        for i, dash in enumerate(DASHES)
    )
)
