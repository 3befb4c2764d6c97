# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The words of the page for states, outcomes, reasons and sign-in methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..._domain import _states as states
from ..._domain._reasons import SENTENCES
from .. import _outcomes as outcomes
from ._source import DRY_RUN, Report
from ._verbs import changed_to


class Look(NamedTuple):
    """How a state looks: a class of the style sheet, a shape for readers who see no colour, its meaning."""

    css: str
    shape: str
    meaning: str


UNKNOWN = "unknown"

STATES = {
    states.READY: Look("s1", "\u25cf", "SMS sign-in on"),
    states.NOT_ENABLED: Look("s2", "\u25cb", "SMS sign-in off"),
    states.NOT_CONFIGURED: Look("s3", "\u25cc", "never set up"),
    states.NOT_ALLOWED_BY_POLICY: Look("s4", "\u25a0", "blocked by policy"),
    states.PHONE_NUMBER_NOT_UNIQUE: Look("s5", "\u25b2", "number in use by another account"),
    states.NOT_SUPPORTED: Look("s6", "\u25c6", "phone cannot be used to sign in"),
    states.NO_MOBILE_PHONE: Look("s7", "\u25a1", "no mobile phone"),
    UNKNOWN: Look("s8", "?", "not read"),
}
OTHER = Look("s8", "?", "not known to this version")

METHODS = {
    "fido2": "passkey (FIDO2)",
    "windowsHelloForBusiness": "Windows Hello for Business",
    "platformCredential": "platform credential",
    "qrCodePin": "QR code with PIN",
    "microsoftAuthenticator": "Microsoft Authenticator",
    "temporaryAccessPass": "Temporary Access Pass",
    "softwareOath": "software OATH token",
    "email": "email",
    "password": "password",
    "external": "external method",
}


_PAGES = "https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons"

_EXPLAINED = {
    outcomes.SKIPPED: "The run ended before it reached these users. Run it again.",
    outcomes.PLANNED: "The run did not finish. It planned to write to these users; read their state again.",
    outcomes.DEFERRED: "These users need a change, and a limit of the run left them for a later one.",
}


def reason_page(reason: str | None) -> str | None:
    """The address of the page about a reason. Other texts, which come from a file, do not get into an address."""
    return f"{_PAGES}/{reason}.md" if reason in SENTENCES else None


def title(report: Report, kind: str) -> str:
    """The heading of the users of one outcome."""
    if kind == outcomes.CHANGED:
        word = changed_to(report.desired)
        return f"Would be {word}" if report.mode == DRY_RUN else word.capitalize()
    return {
        outcomes.FAILED: "Would fail" if report.mode == DRY_RUN else "Failed",
        outcomes.REFUSED: "Would be refused" if report.mode == DRY_RUN else "Refused",
        outcomes.SKIPPED: "Skipped",
        outcomes.PLANNED: "Planned, outcome not known",
        outcomes.DEFERRED: "Deferred",
    }[kind]


def explanation(kind: str, reason: str | None) -> str:
    """What an outcome or its reason means and what to do; empty for a reason that this version does not know."""
    return SENTENCES.get(reason or "", "") if kind in (outcomes.FAILED, outcomes.REFUSED) else _EXPLAINED.get(kind, "")


def in_words(methods: Sequence[str]) -> str:
    """Methods in words."""
    return ", ".join(METHODS.get(method, method) for method in methods)
