# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Whoever is signed in to the Azure CLI where the module runs. For trying things out by hand."""

from __future__ import annotations

import json
import subprocess

from .._domain._redaction import redact
from .._errors import AuthenticationFailed
from ._login import Login
from ._token import Token, read_token


class AzureCli:
    name = "azure_cli"
    sent = 0

    def __init__(self, login: Login, tenant_id: str | None) -> None:
        self._command = ["az", "account", "get-access-token", "--output", "json", "--resource", login.resource]
        if tenant_id:
            self._command += ["--tenant", tenant_id]

    def token(self) -> Token:
        """A token from the CLI's own cache or login. Raises AuthenticationFailed."""
        try:
            # Ansible's run_command knows no time-out, and a login that waits for a person would hang.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                self._command, capture_output=True, text=True, errors="replace", timeout=60, check=False
            )
        except OSError as error:
            raise AuthenticationFailed(
                f"The Azure CLI ('az') cannot be run where the module runs: {error.strerror}. Is it installed?"
            ) from None
        except subprocess.TimeoutExpired:
            raise AuthenticationFailed("The Azure CLI gave no token within 60 s.") from None
        if done.returncode != 0:
            raise AuthenticationFailed(f"The Azure CLI gave no token. Run 'az login'. ({redact(done.stderr.strip())})")
        try:
            return read_token(json.loads(done.stdout)["accessToken"])
        except (AttributeError, ValueError, KeyError, TypeError):
            raise AuthenticationFailed("The Azure CLI answered with something that is not a token.") from None
