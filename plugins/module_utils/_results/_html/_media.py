# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What the style sheet changes for a dark screen, a phone, forced colours and paper."""

from __future__ import annotations

MEDIA = """\
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9da7b3;--line:#30363d;--card:#161b22;
--link:#6cb0ff;--warn:#fdba74;--s1:#6cb0ff;--s2:#8b96a3;--s3:#6e7a87;--s4:#f0a35e;--s5:#f08cc0;--s6:#b79df0;
--s7:#9ac46a;--s8:#d9dee4}}
@media(max-width:40rem){body{padding:1rem}dl div{grid-template-columns:1fr}.tiles{grid-template-columns:1fr 1fr}
.beside{gap:.25rem}.beside .lines th{max-width:13.5em}.share{display:none}
.means{display:block;font-size:.9em;padding-left:1.5em;white-space:normal}
.states code{min-width:0}.badge{white-space:normal}
.users tbody th{min-width:13em}}
@media(forced-colors:active){.tiles a,.tiles div,details{border-color:CanvasText}svg rect{stroke:CanvasText}}
@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--card:#fff;--link:#000;--warn:#7c2d12;--s1:#1f5fbf;
--s2:#6b7785;--s3:#87909b;--s4:#b45309;--s5:#b0246a;--s6:#6d45b5;--s7:#4d7c0f;--s8:#30363d}
@page{margin:14mm}html{font-size:9.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{max-width:none;padding:0}
a{color:inherit;text-decoration:none}.tiles a span{text-decoration:none}
thead{display:table-header-group}tfoot{display:table-footer-group}tfoot td{color:var(--soft);font-size:.85em;border:0}
tr,h2,figure,.tiles li{break-inside:avoid}h2,h3,summary{break-after:avoid}.scroll{overflow:visible}
details{border:0;padding:0}details::details-content{display:block;content-visibility:visible;height:auto}
summary{list-style:none}.report+.report{break-before:page}}
"""
