# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
import sys
import zipfile

from ansible_collections.frontline.entra.plugins.module_utils import _compile_once

SCRIPT = """
import runpy, sys
compiled = []
sys.addaudithook(lambda event, given: compiled.append(given[1]) if event == "compile" and given[1] else None)
runpy.run_path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
import packed.one, packed.two
print(packed.one.NAME, packed.two.NAME, sum("packed" in str(name) for name in compiled))
"""


def test_a_file_of_an_archive_is_compiled_once_and_does_what_it_says(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("packed/__init__.py", "")
        for name in ("one", "two"):
            archive.writestr(f"packed/{name}.py", f"NAME = '{name}'")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, _compile_once.__file__, tmp_path / "archive.zip"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == "one two 3\n"
