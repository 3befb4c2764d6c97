# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""TLS: the trusted authorities, and messages for hosts that are not trusted."""

from __future__ import annotations

import os
import re
import ssl
import sys
import time
import urllib.parse

from ._connecting import connect
from ._deps import requests
from ._errors import InvalidOptions
from ._files import read_regular_file

LARGEST_CA_FILE = 16 * 1024 * 1024
"""Bytes. A bundle of all public authorities has less than one megabyte."""

NAMES_SECONDS = 2.0
"""Seconds to fetch the names of a refused certificate."""

_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_ISSUER = (2, 18, 19, 20, 21)
_OTHER_NAME = (62, 64)
"""Numbers of OpenSSL's verification errors (`openssl verify`, manual page)."""


class Trust:
    """`context` verifies hosts according to `verify`: True, False, or the path of a file or folder with authorities.

    OpenSSL compares the name of the host. With `own_names` urllib3 does.
    Raises InvalidOptions when no certificates can be read from the path.
    """

    def __init__(self, verify: bool | str, own_names: bool = False) -> None:
        self._verify = verify
        self._path = verify if isinstance(verify, str) else None
        # urllib3 and `create_default_context` would write session keys to the file in SSLKEYLOGFILE.
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.check_hostname = bool(verify) and not own_names
        if not verify:
            self.context.verify_mode = ssl.CERT_NONE
        elif self._path is not None:
            self._load(self._path)
        else:
            self.context.load_verify_locations(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
            # As in Python since 3.13. An authority in 'ca_path' may be older than these rules.
            if sys.version_info >= (3, 13):
                self.context.verify_flags |= ssl.VERIFY_X509_STRICT

    def for_proxy(self) -> ssl.SSLContext:
        """The context for a proxy with TLS. urllib3 1 does not compare its name."""
        return self.context if self.context.check_hostname else Trust(self._verify).context

    def _load(self, path: str) -> None:
        try:
            if os.path.isdir(path):
                self.context.load_verify_locations(capath=path)
            else:
                # Comments may be in any encoding; certificates are ASCII.
                text = read_regular_file(path, LARGEST_CA_FILE).decode("ascii", "ignore")
                self.context.load_verify_locations(cadata=text)
        except (OSError, ValueError) as error:
            # OpenSSL's message about a file of another format does not help a user.
            reason = None if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None)
            reason = reason or "it holds no certificate in PEM, text with the words BEGIN CERTIFICATE"
            raise InvalidOptions(
                f"The CA file '{path}' ('ca_path' or REQUESTS_CA_BUNDLE) cannot be used: {reason}."
            ) from None

    def explain(self, host: str, error: BaseException, direct: bool) -> str:
        """The problem with `host` and what to do about it. `direct`: it is reached without a proxy."""
        code = getattr(error, "verify_code", None)
        if code in (_NOT_YET_VALID, _EXPIRED):
            state = "is not valid yet" if code == _NOT_YET_VALID else "has expired"
            now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
            return (
                f"The certificate of {host} {state}. The clock of this machine says {now}: correct it if it is wrong,"
                " else have the certificate renewed."
            )
        # Any other error is urllib3's own comparison of names.
        if code in _OTHER_NAME or not isinstance(error, ssl.SSLError):
            names = names_of(host) if direct else []
            which = f"other names: {', '.join(names)}" if names else f"another name ({_words(error)})"
            return (
                f"The certificate of {host} is for {which}. Use a name that the certificate has, or check that nothing"
                " else answers in its place."
            )
        if code in _UNKNOWN_ISSUER:
            return f"The certificate of {host} is signed by an unknown authority. {self._advice()} ({_words(error)})"
        if code is not None:
            return f"The certificate of {host} is not accepted: {_words(error)}. {self._strictness()}"
        if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"):
            return f"{host} answers without TLS. Check its name and port."
        if re.search("PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW", error.reason or ""):
            return f"{host} offers no TLS version that is safe. TLS 1.2 is the oldest that is accepted."
        return f"No TLS connection to {host} ({_words(error)})."

    def _advice(self) -> str:
        if self._path is None:
            return (
                "If your own authority or an inspecting proxy signed it, set 'ca_path' to the authority's certificate."
            )
        if not os.path.isdir(self._path):
            count = len(self.context.get_ca_certs())
            return (
                f"None of the authorities in 'ca_path' ({count}) signed it. Add the root that did, and the authorities"
                " between the two."
            )
        hashed = sum(bool(re.fullmatch(r"[0-9a-f]{8}\.\d+", name)) for name in os.listdir(self._path))
        return (
            f"The folder 'ca_path' has {hashed} certificates under hashed names; others are not found. Run 'openssl"
            " rehash' on it, or name a file."
        )

    def _strictness(self) -> str:
        if not self.context.verify_flags & ssl.VERIFY_X509_STRICT:
            return ""
        return (
            "Python 3.13 and later are stricter with public authorities. If a proxy of yours signed it, set"
            " 'ca_path' to the proxy's root certificate, or ask the proxy's owner for one that follows RFC 5280."
        )


def names_of(host: str) -> list[str]:
    """The names in the certificate of `host:port`, as many as fit into a message; none if it cannot be fetched.

    Fetches the certificate again, because OpenSSL does not show a refused one. Sends no data.
    """
    place = urllib.parse.urlsplit(f"//{host}")
    context = Trust(False).context
    try:
        from cryptography import x509
    except ImportError:
        return []
    try:
        with connect(place.hostname or "", place.port or 443, NAMES_SECONDS) as plain:
            plain.settimeout(NAMES_SECONDS)
            with context.wrap_socket(plain, server_hostname=place.hostname) as tls:
                certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value)[:100] for name in names][:5]
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []


def _words(error: BaseException) -> str:
    """OpenSSL's message, without the numbers and file names around it."""
    return getattr(error, "verify_message", None) or getattr(error, "reason", None) or "the handshake failed"
