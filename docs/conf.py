# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the documentation site, which tests/tools/site.sh builds with Sphinx."""

from __future__ import annotations

import re

from docutils import nodes
from pygments.lexers.special import TextLexer

project = "frontline.entra"
author = copyright = "the frontline.entra contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
antsibull_ext_color_scheme = "none"  # site.css sets it
nitpicky = True
myst_heading_anchors = 4
linkcheck_timeout = 20

REPOSITORY = "https://github.com/frontline-entra/frontline.entra/blob/main/"
COPIED = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "roles/sms_sign_in/README.md": "role.md",
    "tests/graph_simulator/README.md": "simulator.md",
}
"""Pages of the site that are not in docs/."""

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS_OF_ANSIBLE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
"""What antsibull-docs refers to. A build without a network cannot read Ansible's inventory."""


def address_here(link: re.Match[str]) -> str:
    path = link["path"]
    if path in COPIED:
        return "/" + COPIED[path]
    return "/" + path.removeprefix("docs/") if path.startswith("docs/") else REPOSITORY + path


def prepare(_app, page, source) -> None:
    if page.startswith("collection/"):
        # antsibull-docs begins its pages with a table of contents; the theme has one beside each page.
        source[0] = re.sub(r"^\.\. contents::\n(?: .*\n)+", "", source[0], flags=re.MULTILINE)
        return
    # Pages link with full addresses, because Galaxy shows them too; CONTRIBUTING with paths of the repository.
    start = r"(?<=\]\()(?![a-z]+:|#)" if page == "contributing" else re.escape(REPOSITORY)
    source[0] = re.sub(rf"{start}(?P<path>[\w./-]+\w)(?:\?raw=true)?", address_here, source[0])
    if page == "reasons":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\nreasons/*\n```\n"  # Galaxy and GitHub would show it as text


def lead_to_ansible(_app, _env, node, text):
    page = LABELS_OF_ANSIBLE.get(node["reftarget"])
    return page and nodes.reference("", "", text, refuri=ANSIBLE + page)


def setup(app) -> None:
    app.connect("source-read", prepare)
    app.connect("missing-reference", lead_to_ansible)
    app.add_lexer("csv", TextLexer)
