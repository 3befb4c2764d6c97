# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The style sheet of the page on a light screen."""

from __future__ import annotations

STYLE = """\
:root{--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--link:#0a58ca;--warn:#9a3412;
--s1:#1f5fbf;--s2:#6b7785;--s3:#87909b;--s4:#b45309;--s5:#b0246a;--s6:#6d45b5;--s7:#4d7c0f;--s8:#30363d}
*{box-sizing:border-box}
html{background:var(--bg);color:var(--fg);font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%}body{margin:0 auto;max-width:74rem;padding:1.5rem 1.25rem}
h1{font-size:1.7rem;margin:0 0 1rem;line-height:1.2}
h2{font-size:1.3rem;margin:0;line-height:1.3;overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:0;display:inline}h4{font-size:1rem;margin:0;display:inline}
div>h3{display:block;margin:1.75rem 0 .5rem}a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code{font:.92em ui-monospace,SFMono-Regular,Consolas,monospace}.lead{font-size:1.1rem;max-width:60rem}
.meta,.more,.fact,footer{color:var(--soft)}.meta{margin:.25rem 0 1rem}
.fact{max-width:60rem;border-left:3px solid var(--line);padding-left:.75rem}
.report{border-top:1px solid var(--line);margin:2rem 0 0;padding:1.5rem 0 0}
.badge{display:inline-block;font-size:.85rem;font-weight:600;border:2px solid;border-radius:.4rem;padding:.05rem .6rem;
vertical-align:.12em;white-space:nowrap}.dryrun .badge{border-style:dashed;color:var(--warn)}
.audit .badge{border-style:double;border-width:4px;padding:0 .5rem}
.tiles{list-style:none;margin:1.25rem 0;padding:0;display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr))}
.tiles a,.tiles div{display:block;height:100%;background:var(--card);border:1px solid var(--line);border-radius:.5rem;
padding:.6rem .8rem;color:inherit;text-decoration:none}.tiles a:hover{border-color:var(--link)}
.tiles b{display:block;font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles span{color:var(--soft);font-size:.9rem}
.tiles a span{text-decoration:underline;text-underline-offset:.2em}
.charts{display:grid;gap:1.75rem 3rem;margin:1.5rem 0}
@media(min-width:62rem){.charts{grid-template-columns:3fr 2fr}.charts>:only-child{grid-column:1/-1}}
figure{margin:0;min-width:0}figcaption{font-weight:600;margin-bottom:.25rem}
.axis{margin:.5rem 0 .2rem;font-size:.9rem;color:var(--soft)}
svg{display:block;width:100%;forced-color-adjust:none}.bar{height:1.6rem}
.s1{fill:var(--s1);color:var(--s1)}.s2{fill:var(--s2);color:var(--s2)}.s3{fill:var(--s3);color:var(--s3)}
.s4{fill:var(--s4);color:var(--s4)}.s5{fill:var(--s5);color:var(--s5)}.s6{fill:var(--s6);color:var(--s6)}
.s7{fill:var(--s7);color:var(--s7)}.s8{fill:var(--s8);color:var(--s8)}
.beside{font-size:.92rem;display:grid;grid-template-columns:minmax(0,max-content) minmax(4rem,1fr);gap:1rem}
.beside table{font-size:1em;margin:0}.beside .lines tr{height:2em}
.beside .lines th,.beside .lines td{padding:0 .9em 0 0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;
max-width:19em;height:2em;line-height:2em;border:0}table{border-collapse:collapse;font-size:.92rem}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}tbody th{font-weight:400}.lines{margin-top:.5rem}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.users{width:100%}
.users tbody th{min-width:18em;overflow-wrap:anywhere}
.id{min-width:20em;font-size:.88em;color:var(--soft);overflow-wrap:anywhere}.lines tbody th{white-space:nowrap}
.states code{display:inline-block;min-width:13.5em}.means{color:var(--soft)}
.t{white-space:nowrap}
.lines [aria-hidden]{display:inline-block;width:1.1em;font-size:1.15em;line-height:1}
caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}tfoot{display:none}
.scroll{overflow-x:auto;position:relative}
details{border:1px solid var(--line);border-radius:.5rem;margin:.75rem 0;padding:.6rem .9rem}
summary{cursor:pointer}summary .count{color:var(--soft);font-weight:400;font-variant-numeric:tabular-nums}
dl{display:grid;gap:.4rem;margin:0}dl div{display:grid;grid-template-columns:10rem 1fr}dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}footer{border-top:1px solid var(--line);margin-top:2rem;font-size:.9rem}
:target{scroll-margin-top:1rem}
"""
