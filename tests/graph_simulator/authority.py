# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate authority of a simulator: a new one at each start, or one that is kept in a file."""

from __future__ import annotations

import os
import re
from pathlib import Path

import trustme

_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n?", re.DOTALL)


def authority(file: Path | None) -> trustme.CA:
    """The authority in ``file``, key and certificate; a file that does not exist is created, with mode 0600.

    Raises OSError, or ValueError for a file that holds anything else.
    """
    if file is None:
        return trustme.CA()
    try:
        return _read(file)
    except FileNotFoundError:
        return _create(file)


def _read(file: Path) -> trustme.CA:
    blocks = {match[1].decode(): match[0] for match in _BLOCK.finditer(file.read_bytes())}
    key = next((text for kind, text in blocks.items() if kind.endswith("PRIVATE KEY")), None)
    certificate = blocks.get("CERTIFICATE")
    if key is None or certificate is None:
        raise ValueError(f"{file} must hold a private key and a certificate in PEM form")
    try:
        return trustme.CA.from_pem(cert_bytes=certificate, private_key_bytes=key)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{file} does not hold a usable certificate authority: {error}") from error


def _create(file: Path) -> trustme.CA:
    made = trustme.CA()
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(made.private_key_pem.bytes() + made.cert_pem.bytes())
    return made
