# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A certificate with its key: PEM or PFX, from a variable or a file. It is never written to a file."""

from __future__ import annotations

import base64
import binascii
import importlib
import re
from typing import Any

from .._deps import require
from .._errors import InvalidOptions
from .._files import read_regular_file
from ._application import Application
from ._login import Login
from ._way import SHARED, Option, Way

LARGEST_FILE = 1024 * 1024
"""Bytes. A certificate with its key and chain has a few kilobytes."""

_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class Certificate(Application):
    def __init__(
        self,
        login: Login,
        tenant_id: str,
        client_id: str,
        certificate: str | None,
        certificate_path: str | None,
        passphrase: str | None,
    ) -> None:
        """Reads the certificate, without any request. Raises InvalidOptions when it cannot serve."""
        require("cryptography")
        if certificate:
            option, data = "certificate", _decoded(certificate)
        else:
            option, data = "certificate_path", read_file("certificate_path", certificate_path or "")
        super().__init__(login, tenant_id, client_id, _credential(option, data, passphrase))


def read_file(option: str, path: str, limit: int = LARGEST_FILE) -> bytes:
    """The bytes of a file that an option names. Raises InvalidOptions with the operating system's reason."""
    try:
        return read_regular_file(path, limit)
    except OSError as error:
        raise InvalidOptions(f"'{option}' cannot be read: {path}: {error.strerror}.") from None


def _decoded(text: str) -> bytes:
    """PEM as it is; everything else is the base64 of a PFX (or of PEM)."""
    if "-----BEGIN" in text:
        # Line breaks that became two characters on their way through JSON or a shell.
        return text.replace("\\r", "").replace("\\n", "\n").encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidOptions("'certificate' is neither PEM text nor the base64 of a PFX file.") from None


def _credential(option: str, data: bytes, passphrase: str | None) -> dict[str, Any]:
    """MSAL's form of it, checked: an RSA key, and the certificate that belongs to it."""
    serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
    rsa = importlib.import_module("cryptography.hazmat.primitives.asymmetric.rsa")
    password = passphrase.encode() if passphrase else None
    key, certificates = (_from_pem if b"-----BEGIN" in data else _from_pfx)(option, data, password)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidOptions(f"'{option}' holds a key that is not RSA. Entra accepts RSA keys only.")

    def public(something: Any) -> bytes:
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return bytes(something.public_key().public_bytes(encoding, form))

    own = next((certificate for certificate in certificates if public(certificate) == public(key)), None)
    if own is None:
        raise InvalidOptions(f"The key and the certificate in '{option}' do not belong together.")
    return {
        "private_key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "public_certificate": own.public_bytes(serialization.Encoding.PEM).decode(),
    }


def _from_pem(option: str, data: bytes, password: bytes | None) -> tuple[Any, list[Any]]:
    serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
    x509 = importlib.import_module("cryptography.x509")
    unsupported = importlib.import_module("cryptography.exceptions").UnsupportedAlgorithm
    key, found = _KEY.search(data), _CERTIFICATE.findall(data)
    missing = "private key" if not key else "certificate" if not found else None
    if missing or key is None:
        raise InvalidOptions(f"'{option}' holds no {missing}. It needs both, the key and the certificate, in PEM.")
    encrypted = b"ENCRYPTED" in key.group()
    if encrypted and not password:
        raise InvalidOptions(f"The key in '{option}' is encrypted. Give its 'certificate_passphrase'.")
    try:
        # An unneeded passphrase is an error to the library, and none to us: a job template may always pass one.
        loaded = serialization.load_pem_private_key(key.group(), password if encrypted else None)
        return loaded, [x509.load_pem_x509_certificate(pem) for pem in found]
    except (TypeError, ValueError, unsupported):
        hint = "'certificate_passphrase' may be wrong" if encrypted else "it is damaged"
        raise InvalidOptions(f"'{option}' cannot be loaded: {hint}.") from None


def _from_pfx(option: str, data: bytes, password: bytes | None) -> tuple[Any, list[Any]]:
    pkcs12 = importlib.import_module("cryptography.hazmat.primitives.serialization.pkcs12")
    unsupported = importlib.import_module("cryptography.exceptions").UnsupportedAlgorithm
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, password)
    except (ValueError, unsupported):
        raise InvalidOptions(
            f"'{option}' cannot be loaded: it is neither PEM nor PFX, or 'certificate_passphrase' is wrong or missing."
        ) from None
    if key is None or certificate is None:
        raise InvalidOptions(f"'{option}' needs both, a private key and its certificate.")
    return key, [certificate, *others]


CERTIFICATE = Way(
    name="certificate",
    options=(
        Option("certificate", {"type": "str", "no_log": True}, credential=True),
        Option("certificate_path", {"type": "path"}, ("AZURE_CLIENT_CERTIFICATE_PATH",), credential=True),
        Option(
            "certificate_passphrase",
            {"type": "str", "no_log": True},
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD",),
            keeps_blanks=True,
        ),
    ),
    needs=SHARED,
    libraries=("requests", "msal", "cryptography"),
    build=lambda login, value: Certificate(
        login,
        value["tenant_id"],
        value["client_id"],
        value["certificate"],
        value["certificate_path"],
        value["certificate_passphrase"],
    ),
)
