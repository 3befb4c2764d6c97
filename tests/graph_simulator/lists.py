# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's reader of lists, so that a list for a rehearsal is the list for the real run.

This is the only code that the simulator shares with the collection: files are no behaviour of Graph. It is found by its
path, since a clone has no parent folder ``ansible_collections`` and no Ansible is needed here.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

_PACKAGE = "graph_simulator_shared"
_FOLDER = Path(__file__).parents[2] / "plugins" / "module_utils"

sys.modules.setdefault(_PACKAGE, ModuleType(_PACKAGE)).__path__ = [str(_FOLDER)]
reader = importlib.import_module(f"{_PACKAGE}._results._lists")
naming = importlib.import_module(f"{_PACKAGE}._domain._targets")
