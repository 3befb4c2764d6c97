# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-builder takes the definition of the image, and finds what the collection needs in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from integration.conftest import COLLECTIONS
from integration.documents import ROOT, named_files

DEFINITION = "execution-environment.yml"


def builder(*arguments, cwd=None):
    command = [Path(sys.executable).parent / "ansible-builder", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def test_the_definition_makes_a_build_context_with_the_collection(tmp_path):
    definition = yaml.safe_load((ROOT / DEFINITION).read_text("utf-8"))
    assert yaml.safe_load(named_files("README.md")[DEFINITION]) == definition
    (tmp_path / DEFINITION).write_text(yaml.safe_dump(definition), encoding="utf-8")

    # Without this, the name depends on whether the machine has podman or docker.
    builder("create", "--output-filename", "Containerfile", cwd=tmp_path)

    installed = yaml.safe_load((tmp_path / "context/_build/requirements.yml").read_text("utf-8"))
    assert installed == {"collections": [{"name": "frontline.entra"}]}
    steps = (tmp_path / "context/Containerfile").read_text("utf-8")
    assert "ansible-galaxy collection install" in steps and "introspect.py introspect" in steps
    # Our lower bound of ansible-core, in an image whose Python can have it.
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text("utf-8"))
    assert f'ANSIBLE_INSTALL_REFS="ansible-core{runtime["requires_ansible"].removesuffix(".0")} ' in steps


def test_introspection_finds_the_libraries_and_no_system_package(tmp_path):
    """What Automation Hub checks: lower bounds only, nothing of Ansible itself, no tools of the tests."""
    found = yaml.safe_load(builder("introspect", COLLECTIONS))

    assert found["system"] == []
    libraries = [Requirement(line.partition("#")[0].strip()) for line in found["python"]]
    assert {library.name for library in libraries} == {"cryptography", "msal", "requests"}
    assert all(re.fullmatch(r">=[\d.]+", str(library.specifier)) for library in libraries)
    named = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text("utf-8"))["dependencies"]
    assert named == {"python": "requirements.txt", "system": "bindep.txt"}
    assert all((ROOT / name).is_file() for name in named.values())
