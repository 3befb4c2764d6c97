# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Failures that end a run. Everything below `_work` raises these; the adapters only see results with a reason."""

from __future__ import annotations

import traceback
from typing import Any

from ._domain import _reasons as reasons

MOST_OF_A_PROBLEM = 2000
"""Characters of a message. Options of any length can be part of one, and the result has a size to keep."""

Support = dict[str, Any]
"""What a support case needs, as `support_of` makes it. It becomes part of the result of a module."""


def support_of(
    status: int | None = None,
    code: str | None = None,
    request_id: str | None = None,
    client_request_id: str | None = None,
    date: str | None = None,
) -> Support:
    """Of an answer: its HTTP status, the code of its error, the ids of the request, and the service's time."""
    return {
        "status": status,
        "code": code,
        "request_id": request_id,
        "client_request_id": client_request_id,
        "date": date,
    }


SUPPORT_KEYS = tuple(support_of())


class EntraError(Exception):
    """A run cannot continue.

    `reason` is one of the reasons of a run (see `_domain/_reasons.py`), the message says what to do next, `support` is
    there when a service answered.
    """

    reason = reasons.INVALID_OPTIONS

    def __init__(self, message: str, support: Support | None = None, reason: str | None = None) -> None:
        self.message = message[:MOST_OF_A_PROBLEM]
        super().__init__(self.message)
        self.support = support
        if reason is not None:
            self.reason = reason


class InvalidOptions(EntraError):
    """The options or the environment cannot be used, or do not fit what was read. Nothing was written."""


class InvalidFile(EntraError):
    """A file that an option names cannot be used. The message gives the position and repeats no content."""

    reason = reasons.INVALID_FILE


class MissingLibrary(EntraError):
    """A Python library is missing, or older than the module needs, where the module runs."""

    reason = reasons.MISSING_LIBRARY


class NotAvailableInCloud(EntraError):
    """The cloud has no such action. Nothing was sent."""

    reason = reasons.NOT_AVAILABLE_IN_CLOUD


class AuthenticationFailed(EntraError):
    """No token, or Graph does not accept it."""

    reason = reasons.AUTHENTICATION_FAILED


class PermissionMissing(EntraError):
    """The token is valid, and a permission or a role that the whole run needs is missing."""

    reason = reasons.PERMISSION_MISSING


class LicenceMissing(EntraError):
    """The tenant lacks the licence for what the task asks for."""

    reason = reasons.LICENCE_MISSING


class Unreachable(EntraError):
    """A host did not answer, or not over a trusted connection."""

    reason = reasons.UNREACHABLE


class InternalError(EntraError):
    """An unexpected exception. The message has its type and its place in this collection, and no value of it."""

    reason = reasons.INTERNAL_ERROR

    def __init__(self, unforeseen: BaseException) -> None:
        super().__init__(
            f"Internal error: {type(unforeseen).__name__} in {_place(unforeseen)}. This is a bug in the collection;"
            " report it with this message. The result and the report show what was done before; run again to continue."
        )


def _place(error: BaseException) -> str:
    """The innermost file of ours and the line that an exception passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        _before, ours, path = frame.filename.replace("\\", "/").rpartition("frontline/entra/plugins/")
        if ours:
            return f"{path}, line {frame.lineno}"
    return "an unknown place"


class Interrupted(BaseException):
    """A signal stopped the run. Not an EntraError, so that only the end of the run handles it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OutOfTime(EntraError):
    """`run_timeout` is over, or the service asks for a wait that reaches beyond what the run may take."""

    reason = reasons.INCOMPLETE


def as_failure(error: BaseException) -> EntraError:
    """`error` if it is a failure of ours, OutOfTime for a signal, else the InternalError for it."""
    if isinstance(error, EntraError):
        return error
    return OutOfTime(error.message) if isinstance(error, Interrupted) else InternalError(error)
