# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Imported first by a module, so that Python compiles its other files once.

Ansible packs the files of a module into an archive, and `zipimport` compiles a file of an archive twice: once to tell
its name (`get_filename`, seen in Python 3.8 to 3.13), and once to run it. That cost a task for one user 15 ms of 400.
A Python that works otherwise is left as it is.
"""

from __future__ import annotations

import functools
import zipimport

_NAME = "_compile_source"

if hasattr(zipimport, _NAME):
    setattr(zipimport, _NAME, functools.lru_cache(maxsize=None)(getattr(zipimport, _NAME)))
