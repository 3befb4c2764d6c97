# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a project new_project writes, keeps or refuses to overwrite."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest

from ansible_collections.frontline.entra.playbooks.files import project_files

NEW, KEPT, CONFLICT = "new", "kept", "conflict"


@pytest.mark.parametrize(
    ("before", "now", "wanted", "expected"),
    [
        (None, None, "a", {NEW}),
        ("a", "a", "a", set()),
        ("a", "a", "b", {NEW}),
        # The user changed or removed it.
        ("a", "x", "a", {KEPT}),
        ("a", None, "a", {KEPT}),
        ("a", "x", "b", {NEW, CONFLICT}),
        ("a", None, "b", {NEW}),
        # Already as this run wants it.
        ("a", "b", "b", {NEW}),
        # The user's own file, where a later version has one too.
        (None, "x", "a", {NEW, CONFLICT}),
        (None, "a", "a", {NEW}),
    ],
)
def test_what_is_written_and_what_is_kept(before, now, wanted, expected):
    checksums = ({"f": checksum} if checksum else {} for checksum in (wanted, before, now))
    new, touched, conflicts = project_files.compare(*checksums)
    found = {NEW: new, KEPT: [path for path in touched if path not in new], CONFLICT: conflicts}
    assert {kind for kind, paths in found.items() if paths == ["f"]} == expected


def run(folder, *, write=True, **files):
    def encoded(texts):
        return {path: base64.b64encode(text.encode()).decode() for path, text in texts.items()}

    given = {"folder": str(folder), "files": encoded(files), "before": {}, "others": encoded({"a/ü": "{{ 1 }}\r\n"})}
    done = subprocess.run(
        [sys.executable, project_files.__file__],
        input=json.dumps({**given, "write": write}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done, json.loads(done.stdout or "null")


def test_contents_are_written_as_they_are(tmp_path):
    folder = tmp_path / "our repo"
    assert run(folder, write=False, f="x\n")[1]["changed"] and not folder.exists()
    assert run(folder, f="x\n")[1] == {"new": ["f"], "kept": [], "conflicts": [], "changed": True}
    assert (folder / "f").read_bytes() == b"x\n" and (folder / "a" / "ü").read_bytes() == b"{{ 1 }}\r\n"
    assert not run(folder, f="x\n")[1]["changed"]


def test_a_conflict_writes_nothing(tmp_path):
    (tmp_path / "f").write_text("mine")
    assert run(tmp_path, f="x")[1] == {"new": ["f"], "kept": [], "conflicts": ["f"], "changed": False}
    assert [file.name for file in tmp_path.iterdir()] == ["f"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "a").write_text("a file where a folder is needed")
    done, _printed = run(tmp_path, f="x")
    assert done.returncode == 1 and done.stderr == f"{tmp_path / 'a'} cannot be read or written: File exists.\n"
