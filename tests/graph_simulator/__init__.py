# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stateful Microsoft Graph and Entra login on loopback, for tests and rehearsals. See README.md."""

from __future__ import annotations

from .faults import FaultError
from .journal import Entry
from .policy import PolicyError
from .simulator import Simulator
from .switches import Switches
from .tenant import Tenant, TenantError, load_tenant

__all__ = ["Entry", "FaultError", "PolicyError", "Simulator", "Switches", "Tenant", "TenantError", "load_tenant"]
