# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import socket
import stat

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._files import (
    read_regular_file,
    replace_file,
    require_replaceable,
    same_file,
)


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 2048)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "missing")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "fifo-link").symlink_to(tmp_path / "fifo")
    (tmp_path / "device").symlink_to("/dev/zero")
    return tmp_path


@pytest.mark.parametrize("name", ["file", "link"])
def test_a_regular_file_is_read_up_to_its_limit(folder, name):
    assert read_regular_file(str(folder / name), 2048) == b"x" * 2048


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folder", "it is a folder"),
        ("fifo", "it is a FIFO"),
        ("fifo-link", "it is a FIFO"),
        ("device", "it is a device"),
        ("missing", "No such file"),
        ("dangling", "No such file"),
        ("a\0b", "no file name can have"),
        ("\ud800", "no file name can have"),
    ],
)
def test_any_other_file_is_refused_at_once(folder, name, words):
    with pytest.raises(OSError) as caught:
        read_regular_file(f"{folder}/{name}", 2048)
    assert words in caught.value.strerror


@pytest.mark.parametrize(("limit", "words"), [(2047, "more than 1 kB"), (0, "more than 0 kB")])
def test_a_file_above_the_limit_is_refused(folder, limit, words):
    with pytest.raises(OSError) as caught:
        read_regular_file(str(folder / "file"), limit)
    assert words in caught.value.strerror


def test_a_sparse_file_of_5_gb_takes_no_memory(folder):
    with open(folder / "file", "wb") as file:
        file.truncate(5_000_000_000)
    with pytest.raises(OSError) as caught:
        read_regular_file(str(folder / "file"), 3 * 1024 * 1024)
    assert caught.value.strerror == "it has more than 3 MB"


@pytest.mark.parametrize("name", ["file", "missing"])
def test_a_regular_or_new_file_can_be_replaced(folder, name):
    require_replaceable(str(folder / name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("link", "it is a link"),
        ("dangling", "it is a link"),
        ("device", "it is a link"),
        ("fifo", "it is a FIFO"),
        ("folder", "it is a folder"),
        ("socket", "it is a socket"),
        ("a\0b", "no file name can have"),
    ],
)
def test_a_link_or_a_special_file_cannot_be_replaced(folder, monkeypatch, name, words):
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for refused in (require_replaceable, lambda path: replace_file(path, ["x"])):
            with pytest.raises(OSError) as caught:
                refused(name)
            assert words in caught.value.strerror
        assert "\0" in name or not stat.S_ISREG(os.lstat(name).st_mode)


def test_a_device_cannot_be_replaced():
    with pytest.raises(OSError) as caught:
        require_replaceable("/dev/null")
    assert caught.value.strerror == "it is a device"


@pytest.mark.parametrize("name", ["a\0b", "\ud800/x"])
def test_writing_to_an_invalid_path_is_an_os_error(folder, name):
    with pytest.raises(OSError):
        replace_file(f"{folder}/{name}", ["x"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("file", "file", True),
        ("file", "./folder/../file", True),
        ("file", "link", True),
        ("file", "hard", True),
        ("missing", "dangling", True),
        ("file", "FILE", True),
        ("new.csv", "New.CSV", True),
        ("file", "missing", False),
        ("file", "folder/file", False),
        ("a\0b", "a\0c", False),
    ],
)
def test_same_file(folder, monkeypatch, one, other, expected):
    monkeypatch.chdir(folder)
    os.link(folder / "file", folder / "hard")
    assert same_file(one, other) is expected
