# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The user or application that is signed in to the Azure CLI where the module runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import Any

from .._domain._redaction import redact
from .._errors import AuthenticationFailed, EntraError, support_of
from ._login import Login
from ._refusal import advise, sentence
from ._token import CLI_USERS_CANNOT, Token, read_token
from ._way import Way

LONGEST = 60.0
"""Seconds for one call of the CLI."""


class AzureCli:
    sent = 0
    answers_claims = False

    def __init__(self, login: Login, tenant_id: str | None) -> None:
        self._login = login
        self._words = ["get-access-token", "--resource", login.resource]
        if tenant_id:
            self._words += ["--tenant", tenant_id]

    def token(self, claims: str | None = None) -> Token:
        """A token from the CLI's own cache or login. Raises AuthenticationFailed or OutOfTime."""
        done = self._run(*self._words)
        if done.returncode != 0:
            raise self._refusal(done.stderr)
        try:
            value = json.loads(done.stdout)["accessToken"]
        except (ValueError, LookupError, TypeError, RecursionError):
            value = None
        if not isinstance(value, str) or not value:
            raise AuthenticationFailed("The Azure CLI answered with something that is not a token.")
        self._login.conceal(value)
        return read_token(value)

    def _refusal(self, stderr: str) -> AuthenticationFailed:
        kind = self._signed_in()
        user = kind == "user"
        said = _reason(stderr)
        code, advice = advise(said, user) if kind else (None, "")
        sentences = ("The Azure CLI gave no token.", said, advice, CLI_USERS_CANNOT if user else "")
        found = re.search(r"Correlation ID: ([0-9a-f-]{36})", stderr)
        support = support_of(code=code, client_request_id=found and found[1])
        return AuthenticationFailed(" ".join(filter(None, sentences)), support if code else None)

    def _signed_in(self) -> Any:
        """The kind of account: "user", or "servicePrincipal" for applications and managed identities; None for none.

        None also where the CLI does not say: the refusal that led here is the one to report.
        """
        try:
            return json.loads(self._run("show").stdout)["user"]["type"]
        except (EntraError, ValueError, LookupError, TypeError, RecursionError):
            return None

    def _run(self, *words: str) -> Any:
        seconds = min(LONGEST, self._login.seconds())
        try:
            # Ansible's run_command has no time-out, and a login that waits for a user would hang.
            return subprocess.run(  # pylint: disable=ansible-bad-function
                [find_az(os.environ.get("PATH", "")), "account", *words, "--output", "json"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except OSError as error:
            raise AuthenticationFailed(
                f"The Azure CLI ('az') cannot be run where the module runs: {error.strerror}. Is it installed?"
            ) from None
        except subprocess.TimeoutExpired:
            self._login.seconds()
            raise AuthenticationFailed(f"The Azure CLI gave no token within {seconds:.3g} s.") from None


def find_az(path: str) -> str:
    """`az` in an absolute folder of PATH. Raises OSError.

    An empty or relative entry is the folder that the play happens to run in, where anyone may have put a file.
    """
    folders = [folder for folder in path.split(os.pathsep) if os.path.isabs(folder)]
    found = shutil.which("az", path=os.pathsep.join(folders)) if folders else None
    if found:
        return found
    exists = any(os.path.isfile(os.path.join(folder, "az")) for folder in folders)
    raise PermissionError(1, "Permission denied") if exists else FileNotFoundError(2, "No such file or directory")


def _reason(stderr: str) -> str:
    """What the CLI complains of, without the warnings and the traceback in front of it."""
    lines = [line.strip() for line in stderr[-8000:].splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith("ERROR:")]
    if any(line.startswith("Traceback (") for line in lines):
        # The last line of a traceback is the exception.
        lines = lines[-1:]
    else:
        lines = [line for line in lines[errors[0] if errors else 0 :] if not line.startswith("WARNING:")]
    text = redact(" ".join(lines).removeprefix("ERROR:").strip())
    return f"It says: {sentence(text)}" if text else "Run 'az login'."


AZURE_CLI = Way(
    name="azure_cli",
    libraries=("requests",),
    build=lambda login, value: AzureCli(login, value["tenant_id"]),
)
