# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Files that options name: read with a limit, replaced as a whole."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest list or report that is read."""

_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFLNK: "it is a link",
    stat.S_IFIFO: "it is a FIFO",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}


def read_regular_file(path: str, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises OSError for any other file; its `strerror` is a phrase for a message. A FIFO does not block.
    """
    descriptor = _open(path)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise _not_regular(mode)
        pieces: list[bytes] = []
        left = limit + 1
        while left > 0:
            piece = os.read(descriptor, min(left, 1024 * 1024))
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    raise OSError(errno.EFBIG, f"it has more than {_size(limit)}")


def require_replaceable(path: str) -> None:
    """Raises OSError when `path` is anything but a regular file or a new one: a link, a device, a FIFO, a folder."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    except ValueError:
        raise _impossible_path() from None
    if not stat.S_ISREG(mode):
        raise _not_regular(mode)


def replace_file(path: str, pieces: Iterable[str]) -> None:
    """Write a text with mode 0600. A reader finds the old state or the new one as a whole.

    Raises OSError, also for what `require_replaceable` refuses: to replace `/dev/null` would break the machine.
    """
    require_replaceable(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".report-", dir=os.path.dirname(os.path.abspath(path)))
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except ValueError:
        raise _impossible_path() from None
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def same_file(one: str, other: str) -> bool:
    """Whether two paths name one file, now or on a file system that ignores case."""
    try:
        if os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other):
            return True
        return os.path.realpath(one).casefold() == os.path.realpath(other).casefold()
    except (OSError, ValueError):
        return False


def shown_path(path: str) -> str:
    """A path for a message: without control characters, and not too long."""
    text = "".join(character if character.isprintable() else "?" for character in path)
    return text if len(text) <= 300 else "..." + text[-297:]


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except ValueError:
        raise _impossible_path() from None


def _impossible_path() -> OSError:
    """For a NUL or a lone surrogate in a path, which Python reports as ValueError. It becomes an OSError here."""
    return OSError(errno.EINVAL, "the path holds a character that no file name can have")


def _not_regular(mode: int) -> OSError:
    return OSError(errno.EINVAL, _KINDS.get(stat.S_IFMT(mode), "it is not a regular file"))


def _size(limit: int) -> str:
    return f"{limit // 1024 // 1024} MB" if limit >= 1024 * 1024 else f"{limit // 1024} kB"
