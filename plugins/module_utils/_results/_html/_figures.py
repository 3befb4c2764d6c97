# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The charts of a report: states, reasons, and what is left without SMS sign-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ..._domain import _outcomes as outcomes
from ..._domain._states import READY
from ._charts import bar_list, figures, stacked_bar
from ._groups import reasons, states
from ._source import AUDIT, DRY_RUN, Report, User
from ._text import escaped
from ._words import METHODS, OTHER, STATES, UNKNOWN, Look

MOST_LINES = 12
"""Lines of a table beside a chart; the rest is one line."""

_REST = "other"
_NONE, _ONLY_PASSWORD = "none", "only a password and phones"
_WORST = (_NONE, _ONLY_PASSWORD, UNKNOWN)


def state_charts(report: Report, prefix: str) -> str:
    """Bars of the states before and after, or as read and expected, and the table of their figures."""
    counted = [(heading, _few(states(report, read))) for heading, read in _readings(report)]
    present = list(dict.fromkeys([*STATES, *(state for _heading, counts in counted for state in counts)]))
    present = [state for state in present if any(counts[state] for _heading, counts in counted)]
    bars = "".join(
        f'<p class="axis">{heading}</p>'
        + stacked_bar(f"{prefix}bar{number}", f"States: {heading}", _parts(present, counts))
        for number, (heading, counts) in enumerate(counted)
    )
    heads = "".join(
        f'<th scope="col" class="n">{heading}</th><th scope="col" class="n share">Share</th>'
        for heading, _counts in counted
    )
    rows = "".join(_state_row(state, [counts for _heading, counts in counted], len(report.users)) for state in present)
    return (
        f'<figure id="{prefix}states"><figcaption>States of all users</figcaption>{bars}'
        '<div class="scroll" role="region" aria-label="States" tabindex="0"><table class="lines"><thead><tr>'
        '<th scope="col">State</th>'
        f'<th scope="col">Meaning</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></figure>'
    )


def reason_chart(report: Report, prefix: str) -> str:
    """How often each reason was met; empty without any."""
    counts = reasons(report, outcomes.FAILED, outcomes.REFUSED, outcomes.SKIPPED)
    rows = [(f"<code>{escaped(reason)}</code>", number) for reason, number in _few(counts).items()]
    title = "Reasons of refused, failed and skipped users"
    return bar_list(f"{prefix}reasons", title, "Reason", rows, len(report.users)) if rows else ""


def method_chart(report: Report, prefix: str) -> str:
    """What users with SMS sign-in on could use instead; a user counts once for each method."""
    on = [user for user in report.users if user.state == READY]
    if report.mode != AUDIT or not on:
        return ""
    counts = _few(_methods_of(on))
    rows = [(escaped(label), counts[label]) for label in sorted(counts, key=lambda label: label not in _WORST)]
    title = "What users with SMS sign-in on have besides (a user can have several)"
    return bar_list(f"{prefix}methods", title, "Other method", rows, len(on))


def _readings(report: Report) -> list[tuple[str, Callable[[User], str | None]]]:
    if report.mode == AUDIT:
        return [("As read", lambda user: user.state)]
    first, last = ("As read", "Expected") if report.mode == DRY_RUN else ("Before", "After")
    return [(first, lambda user: user.previous_state), (last, lambda user: user.state)]


def _methods_of(users: Iterable[User]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for user in users:
        if user.methods is None:
            counts[UNKNOWN] += 1
        elif user.only_password:
            counts[_ONLY_PASSWORD] += 1
        else:
            counts.update(METHODS.get(method, method) for method in set(user.methods) or {_NONE})
    return counts


def _few(counts: Counter[str]) -> Counter[str]:
    """The most frequent ones and the sum of the rest."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    few = Counter(dict(ranked[:MOST_LINES]))
    rest = sum(number for _key, number in ranked[MOST_LINES:])
    if rest:
        few[_REST] += rest
    return few


def _state_row(state: str, counted: Sequence[Counter[str]], total: int) -> str:
    look = _look(state)
    cells = "".join(figures(counts[state], total) for counts in counted)
    return (
        f'<tr><th scope="row"><span class="{look.css}" aria-hidden="true">{look.shape}</span>'
        f" <code>{escaped(state)}</code></th><td>{look.meaning}</td>{cells}</tr>"
    )


def _parts(present: Sequence[str], counts: Counter[str]) -> list[tuple[str, str, int]]:
    return [(_look(state).css, state, counts[state]) for state in present]


def _look(state: str) -> Look:
    return STATES.get(state, OTHER)
