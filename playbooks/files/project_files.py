# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Writes the files of a project for new_project.yml. What the user changed is kept, or nothing is written.

Input is JSON: `folder`; `files`, base64 by path; `before`, the checksums of what the last run wrote; `others`, files
that are written without comparing; `write`, false for a dry run. Output is JSON about paths: `new` content, `kept` as
the user changed it, and `conflicts` of both. `changed` is whether a file is or would be written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path


def compare(
    wanted: Mapping[str, str], before: Mapping[str, str], now: Mapping[str, str]
) -> tuple[list[str], list[str], list[str]]:
    """The paths of new content, of what the user changed or removed, and of files that are both.

    All three have checksums by path: of this run, of the last one, and of the files that are there.
    """
    new = [path for path in wanted if wanted[path] != before.get(path)]
    touched = [path for path in wanted if now.get(path) not in (before.get(path), wanted[path])]
    return new, touched, [path for path in new if path in touched and path in now]


def main() -> None:
    given = json.load(sys.stdin)
    folder = Path(given["folder"])
    files, others = (
        {path: base64.b64decode(content) for path, content in given[kind].items()} for kind in ("files", "others")
    )
    new, touched, conflicts = compare(_checksums(files), given["before"], _checksums(_read(folder, files)))
    contents = {} if conflicts else {**{path: files[path] for path in new}, **others}
    there = _read(folder, contents)
    changed = [path for path in contents if contents[path] != there.get(path)]
    for path in changed if given["write"] else ():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(contents[path])
    kept = [path for path in touched if path not in new]
    print(json.dumps({"new": new, "kept": kept, "conflicts": conflicts, "changed": bool(changed)}))


def _read(folder: Path, paths: Mapping[str, bytes]) -> dict[str, bytes]:
    """The contents of those files that are there."""
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).is_file()}


def _checksums(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha1(content).hexdigest() for path, content in contents.items()}


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"{error.filename} cannot be read or written: {error.strerror}.")
