# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Third-party libraries, imported when needed and asked for in one sentence when missing."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ._errors import MissingLibrary

__all__ = ["require", "require_requests", "requests", "urllib3"]

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]
    urllib3 = None  # type: ignore[assignment]


def require(name: str, minimum: str) -> Any:
    """The library `name`, imported now: MSAL and cryptography cost a tenth of a second that not every login needs.

    Raises MissingLibrary, which names the interpreter that lacks it and the oldest version that serves.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        sentence = missing_required_lib(f"{package}>={minimum}")
        raise MissingLibrary(f"{sentence} Install it for {sys.executable}.") from error


def require_requests() -> None:
    """Raises MissingLibrary unless requests can be used."""
    if requests is None:
        require("requests", "2.28.0")
