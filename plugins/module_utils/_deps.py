# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Third-party libraries: which versions are needed, and one sentence when they are not there."""

from __future__ import annotations

import importlib
import re
import sys

from ._errors import MissingLibrary

__all__ = ["MINIMUM", "require", "requests", "urllib3"]

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]
    urllib3 = None  # type: ignore[assignment]

MINIMUM = {"requests": "2.28.0", "msal": "1.35.0", "cryptography": "3.1"}
"""The oldest versions that work; requirements.txt has the same. MSAL 1.35 computes a certificate's thumbprint."""


def require(*names: str) -> None:
    """Imports the libraries `names`. MSAL and cryptography cost a tenth of a second that not every login needs.

    Raises MissingLibrary, which names all that are missing or too old, and the command that installs them.
    """
    problems = {name: problem for name in names if (problem := _problem(name))}
    if not problems:
        return
    listed = ", ".join(f"{name} ({problem}, needed {MINIMUM[name]})" for name, problem in problems.items())
    packages = " ".join(f"'{name}>={MINIMUM[name]}'" for name in problems)
    raise MissingLibrary(
        f"Python libraries are missing or too old where the module runs: {listed}. Run: {sys.executable} -m pip install"
        f" {packages}"
    )


def _problem(name: str) -> str | None:
    """What is wrong with the library `name`, None if it works."""
    try:
        found = str(getattr(importlib.import_module(name), "__version__", ""))
    except ImportError:
        return "not installed"
    # An unreadable version is accepted.
    return f"found {found}" if () < _release(found) < _release(MINIMUM[name]) else None


def _release(version: str) -> tuple[int, ...]:
    """The numbers a version begins with, without final zeros: `1.35.0rc1` and `1.35` are equal."""
    numbers = [int(number) for number in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
