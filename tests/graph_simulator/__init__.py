# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stateful Microsoft Graph and Entra login on loopback, for tests and rehearsals. See README.md."""

from __future__ import annotations

from .clock import Clock
from .exchange import Answer
from .faults import FaultError
from .journal import Entry
from .policy import PolicyError
from .scenario_file import ScenarioError, read_scenario, scenario, scenario_names
from .service import Service
from .simulator import Simulator
from .switches import Switches
from .tenant import Tenant, TenantError, load_tenant

__all__ = [
    "Answer", "Clock", "Entry", "FaultError", "PolicyError", "ScenarioError", "Service", "Simulator", "Switches",
    "Tenant", "TenantError", "load_tenant", "read_scenario", "scenario", "scenario_names",
]  # fmt: skip
