# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One TCP connection to a host with several addresses, some of which may not answer."""

from __future__ import annotations

import itertools
import os
import selectors
import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any

STAGGER = 0.25
"""Seconds until the next address is tried in parallel (RFC 8305, section 5)."""

Address = tuple[Any, Any, int, str, Any]
"""As `socket.getaddrinfo` returns it: family, type, protocol, canonical name, socket address."""


class CannotConnect(OSError):
    """No address of the host accepted the connection. The message has the causes and the number of addresses."""


def connect(host: str, port: int, seconds: float, options: Iterable[tuple[Any, ...]] = ()) -> socket.socket:
    """A connected socket. Raises CannotConnect at the latest `seconds` after the name is resolved.

    Addresses are tried in parallel: the next one starts when one has failed, or STAGGER after the previous one.
    """
    waiting = interleave(_resolve(host, port))
    count, errors, deadline = len(waiting), list[str](), time.monotonic() + seconds
    with selectors.DefaultSelector() as under_way:
        try:
            while waiting or under_way.get_map():
                if waiting:
                    _begin(waiting.pop(0), list(options), under_way, errors)
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                for key in _ready(under_way, min(left, STAGGER) if waiting else left):
                    attempt: Any = key.fileobj
                    under_way.unregister(attempt)
                    number = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not number:
                        return attempt  # type: ignore[no-any-return]
                    attempt.close()
                    errors.append(os.strerror(number))
        finally:
            for key in list(under_way.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
    raise CannotConnect(_summary(count, errors, seconds))


def interleave(addresses: Sequence[Address]) -> list[Address]:
    """`addresses` with alternating families, beginning with the first one."""
    families: dict[Any, list[Address]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    turns = itertools.zip_longest(*families.values())
    return [address for turn in turns for address in turn if address is not None]


def _resolve(host: str, port: int) -> Sequence[Address]:
    try:
        return socket.getaddrinfo(host.strip("[]"), port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotConnect(f"the name has no address: {getattr(error, 'strerror', None) or 'it is invalid'}") from None


def _begin(address: Address, options: list[Any], under_way: selectors.BaseSelector, errors: list[str]) -> None:
    family, kind, protocol, _name, where = address
    attempt: Any = None
    try:
        attempt = socket.socket(family, kind, protocol)
        for option in options:
            attempt.setsockopt(*option)
        attempt.setblocking(False)
        attempt.connect(where)
    except BlockingIOError:
        pass
    except OSError as error:
        if attempt is not None:
            attempt.close()
        errors.append(error.strerror or type(error).__name__)
        return
    under_way.register(attempt, selectors.EVENT_WRITE)


def _ready(under_way: selectors.BaseSelector, seconds: float) -> list[selectors.SelectorKey]:
    """The attempts that have ended, with or without success. Returns at once if there are none."""
    return [key for key, _events in under_way.select(seconds)] if under_way.get_map() else []


def _summary(count: int, errors: Sequence[str], seconds: float) -> str:
    silent = count - len(errors)
    reasons = [f"{silent} of {count} addresses did not answer in {seconds:.3g} s"] if silent else []
    reasons += [f"{text} ({errors.count(text)} of {count} addresses)" for text in dict.fromkeys(errors)]
    return "; ".join(reasons)
