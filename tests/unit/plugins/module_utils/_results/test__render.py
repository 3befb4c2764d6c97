# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile, InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._results._render import render
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import run, user

EARLIER = "2026-11-01T08:00:00Z"


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    for name, document in {
        "a.json": run(user(1)),
        "same.json": run(user(1)),
        "b.json": run(user(2), tenant="b.example"),
        "old.json": run(user(1), time=EARLIER),
        "foreign.json": run(user(1), time=EARLIER, tenant="c.example"),
    }.items():
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


@pytest.fixture(name="rendered")
def fixture_rendered(folder):
    def do(*names, dest="page.html", compare=(), check_mode=False):
        warned = []
        files = [str(folder / name) for name in names]
        result = render(files, str(folder / dest), [str(folder / name) for name in compare], check_mode, warned.append)
        return result, warned

    return do


def test_an_unchanged_file_is_not_written_again(folder, rendered):
    first, _warned = rendered("a.json", "b.json")
    page = folder / "page.html"
    written = page.stat()
    second, _warned = rendered("b.json", "a.json")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["msg"] == "The page shows 2 reports with 2 users."
    assert second["msg"] == "The page already shows 2 reports with 2 users."
    assert written.st_mode & 0o777 == 0o600
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert (first["reports"], first["users"], first["users_omitted"]) == (2, 2, 0)


def test_check_mode_predicts_and_writes_nothing(folder, rendered):
    result, _warned = rendered("a.json", check_mode=True)
    assert result["changed"] and result["msg"] == "The page would show 1 report with 1 user."
    assert not (folder / "page.html").exists()
    rendered("a.json")
    assert not rendered("a.json", check_mode=True)[0]["changed"]
    before = (folder / "page.html").read_bytes()
    assert rendered("b.json", check_mode=True)[0]["changed"]
    assert (folder / "page.html").read_bytes() == before


def test_the_diff_has_no_content(folder, rendered):
    first, second = rendered("a.json")[0]["diff"], rendered("b.json")[0]["diff"]
    assert first["before"] == "" and first["after"] == second["before"] != second["after"]
    assert first["after"].endswith("\n") and "bytes, SHA-256" in first["after"] and len(first["after"]) < 100


def test_the_same_report_counts_once(rendered):
    assert rendered("a.json", "same.json", "a.json")[0]["reports"] == 1


def test_a_comparison_that_is_not_possible_is_a_warning(folder, rendered):
    result, warned = rendered("a.json", compare=["old.json", "foreign.json"])
    assert result["changed"] and len(warned) == 1
    assert "foreign.json is not used: no report in 'src' is of its tenant and newer" in warned[0]
    assert "Since the report of 2026-11-01" in (folder / "page.html").read_text("utf-8")
    assert "a.json is not used" in rendered("old.json", compare=["a.json"])[1][0]


@pytest.mark.parametrize(
    ("sources", "dest", "words"),
    [
        ([], "page.html", "'src' names no file"),
        (["a.json"], "page.json", "'dest' must end in .html"),
        (["a.json"], "missing/page.html", "'dest' cannot be written"),
        (["a.json"], "link.html", "'dest' cannot be written"),
        (["a.json"], "folder.html", "'dest' cannot be written"),
        (["a.html"], "a.html", "'dest' is one of the reports to read"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_paths_that_cannot_be_used(folder, rendered, sources, dest, words, check_mode):
    (folder / "folder.html").mkdir()
    os.link(folder / "a.json", folder / "a.html")
    os.symlink(folder / "b.json", folder / "link.html")
    kept = (folder / "a.json").read_bytes()
    with pytest.raises(InvalidOptions) as raised:
        rendered(*sources, dest=dest, check_mode=check_mode)
    assert words in raised.value.message and (folder / "a.json").read_bytes() == kept


def test_dest_must_not_be_a_report_to_compare_with(folder, rendered):
    os.link(folder / "old.json", folder / "old.html")
    with pytest.raises(InvalidOptions, match="one of the reports to read"):
        rendered("a.json", compare=["old.json"], dest="old.html")


@pytest.mark.parametrize("option", ["src", "compare"])
def test_files_that_cannot_be_read(folder, rendered, option):
    os.mkfifo(folder / "fifo.json")
    (folder / "text.json").write_text("anna", encoding="utf-8")
    for name, words in (
        ("missing.json", "No such file"),
        ("fifo.json", "it is a FIFO"),
        ("text.json", "not valid JSON"),
    ):
        given = {"src": (["a.json", name], []), "compare": (["a.json"], [name])}[option]
        with pytest.raises(InvalidFile) as raised:
            rendered(*given[0], compare=given[1])
        assert words in raised.value.message and raised.value.message.startswith(f"'{option}': ")
    assert not (folder / "page.html").exists()
