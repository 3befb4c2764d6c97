# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The totals of a report as tiles; each links to its part of the page, without script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from ..._domain._states import READY
from .. import _outcomes as outcomes
from ._counts import states
from ._retirement import days_left
from ._source import AUDIT, DRY_RUN, Report
from ._text import escaped
from ._verbs import changed_to


def tiles(report: Report, anchors: Collection[str], prefix: str) -> str:
    """`anchors` are the parts that the page has."""
    totals = _audit(report) if report.mode == AUDIT else _run(report)
    shown = [
        ("Users", f"{len(report.users):,}", "scope"),
        ("SMS sign-in on", f"{states(report, report.state_read)[READY]:,}", "states"),
        *totals,
    ]
    left = days_left(report)
    if left is not None and left > 0:
        shown.append(("Days until delivery ends", f"{left:,}", "retirement"))
    listed = (_tile(label, text, f"{prefix}{anchor}" if anchor in anchors else "") for label, text, anchor in shown)
    return f'<ul class="tiles">{"".join(listed)}</ul>'


def _tile(label: str, text: str, anchor: str) -> str:
    content = f"<b>{text}</b> <span>{escaped(label)}</span>"
    return f'<li><a href="#{anchor}">{content}</a></li>' if anchor else f"<li><div>{content}</div></li>"


def _run(report: Report) -> Iterator[tuple[str, str, str]]:
    kinds = Counter(user.outcome for user in report.users)
    dry = report.mode == DRY_RUN
    yield f"Would be {changed_to(report.desired)}" if dry else "Changed", f"{kinds[outcomes.CHANGED]:,}", "changed1"
    yield "Would be refused" if dry else "Refused", f"{kinds[outcomes.REFUSED]:,}", "refused1"
    yield "Would fail" if dry else "Failed", f"{kinds[outcomes.FAILED]:,}", "failed1"
    for kind, label in _SELDOM:
        if kinds[kind]:
            yield label, f"{kinds[kind]:,}", f"{kind}1"


_SELDOM = ((outcomes.SKIPPED, "Skipped"), (outcomes.PLANNED, "Not known"), (outcomes.DEFERRED, "Deferred"))


def _audit(report: Report) -> Iterator[tuple[str, str, str]]:
    only = "not read" if report.sms_only is None else f"{report.sms_only:,}"
    failed = sum(user.outcome == outcomes.FAILED for user in report.users)
    yield "On, without a usable other method", only, "methods"
    yield "Could not be read", f"{failed:,}", "failed1"
