# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The sentence that describes a run, and its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._domain import _reasons as reasons
from .._domain._redaction import redact
from .._domain._words import Words
from .._errors import MOST_OF_A_PROBLEM, EntraError
from .._graph._messages import LOST, OK, Reply
from . import _outcomes as outcomes
from ._outcomes import Outcome

MOST_NAMES = 5


def run_reason(error: EntraError | None, stopped: str | None, summary: Mapping[str, Any]) -> str | None:
    """The reason of a whole run, None for success."""
    if error is not None:
        return error.reason
    if stopped:
        return reasons.INCOMPLETE
    return reasons.SOME_USERS_FAILED if summary["failed"] + summary["skipped"] else None


_MAY_NAME = (
    *(reasons.TOO_MANY_CHANGES, reasons.EXCLUDE_NOT_FOUND, reasons.PERMISSION_MISSING, reasons.INCOMPLETE),
    *(reasons.GROUP_NOT_FOUND, reasons.GROUP_AMBIGUOUS, reasons.GROUP_EMPTY),
)
"""Reasons whose messages can name users and groups."""


def without_names(problem: str | None, reason: str | None) -> str | None:
    """What ended a run, without the name of any user or group."""
    return reasons.SENTENCES[reason] if problem and reason in _MAY_NAME else problem


UNREADABLE = (
    "The answer is not what Graph sends. Run again; if that fails, check what is between here and Graph: HTTPS_PROXY,"
    " NO_PROXY and 'graph_url'."
)


def explain(reason: str, reply: Reply | None) -> str:
    """What `reason` means for a user, and what `reply` said. A service that was not reached needs no support case."""
    if reply is None:
        return reasons.SENTENCES[reason]
    if reply.verdict == OK:
        return UNREADABLE if reason == reasons.SERVICE_ERROR else reasons.SENTENCES[reason]
    if reason == reasons.SERVICE_ERROR and reply.verdict == LOST:
        return f"No answer came from Microsoft Graph. {reply.quoted} Run again."
    return f"{reasons.SENTENCES[reason]} {reply.quoted}"


def describe(
    run_outcomes: Sequence[Outcome], words: Words, check_mode: bool, problem: str | None, names: bool = True
) -> str:
    """What a run did, in at most three sentences: the problem that ended it, the users that failed, the counts.

    A run that reached no user has the problem only. Without `names` the users that failed are counted only.
    """
    reached = any(outcome.kind != outcomes.SKIPPED for outcome in run_outcomes)
    parts = [redact(problem, most=MOST_OF_A_PROBLEM)] if problem else []
    if reached or not problem:
        parts += [_failed(run_outcomes, words, names), _counts(run_outcomes, words, check_mode)]
    return " ".join(part for part in parts if part)


def _failed(run_outcomes: Sequence[Outcome], words: Words, names: bool) -> str:
    failed = [outcome for outcome in run_outcomes if outcome.kind == outcomes.FAILED]
    if not failed:
        return ""
    count = f"{len(failed)} of {len(run_outcomes)} {words.subjects} failed"
    if not names:
        return f"{count}."
    some = ", ".join(f"{outcome.shown_name} ({outcome.reason})" for outcome in failed[:MOST_NAMES])
    more = f" and {len(failed) - MOST_NAMES} more" if len(failed) > MOST_NAMES else ""
    return f"{count}: {some}{more}."


def _counts(run_outcomes: Sequence[Outcome], words: Words, check_mode: bool) -> str:
    """The users that did not fail."""
    if not run_outcomes:
        return f"No {words.subjects} selected."
    count = Counter(outcome.counts_as or outcome.kind for outcome in run_outcomes)
    own = dict.fromkeys(outcome.counts_as for outcome in run_outcomes if outcome.counts_as)
    kinds = {
        outcomes.CHANGED: words.would if check_mode else words.changed,
        outcomes.UNCHANGED: words.unchanged,
        **{word: word for word in own},
        outcomes.REFUSED: "refused",
        outcomes.SKIPPED: "skipped",
        outcomes.DEFERRED: "deferred",
    }
    shown = [f"{count[kind]} {word}" for kind, word in kinds.items() if count[kind]]
    return ", ".join(shown) + "." if shown else ""
