# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Files that somebody else may read at any moment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable


def replace_file(path: str, pieces: Iterable[str]) -> None:
    """Write a text, with mode 0600: a reader finds the state before or this one as a whole. Raises OSError."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".report-", dir=os.path.dirname(os.path.abspath(path)))
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
