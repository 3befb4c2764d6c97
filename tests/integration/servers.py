# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are not Graph, each on a free port of this machine."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import trustme


@contextlib.contextmanager
def accepting(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that calls `serve(connection)` for each connection, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                # Tests include clients that disconnect or refuse the certificate.
                with contextlib.suppress(OSError), connection:
                    serve(connection)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"https://localhost:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def tls_server(
    certificate: trustme.LeafCert, serve: Callable[[socket.socket], None] = lambda connection: None
) -> Iterator[str]:
    """The address of a server that calls `serve(connection)` for each connection over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def serve_encrypted(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as connection:
            serve(connection)

    with accepting(serve_encrypted) as url:
        yield url
