# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's configuration of the documentation site, which `make docs` builds, without a network."""

from __future__ import annotations

from sphinx.application import Sphinx

project = "cloud_elements.platform"
copyright = "Contributors to the cloud_elements.platform project"  # noqa: A001  Sphinx's name
html_short_title = title = "Cloud Elements instances as code"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}

pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True
# Options and return values are references too, and antsibull-docs checks those itself.
nitpick_ignore_regex = [("ansplugin.*|ansopt.*|ansretval.*|envvar", ".*")]

html_theme = "sphinx_ansible_theme"
# Where the bar at the top leads to, which says that it is the documentation of Ansible.
html_theme_options = {"display_version": False, "documentation_home_url": "https://docs.ansible.com/"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

IMAGES = "https://raw.githubusercontent.com/cloud-elements-community/cloud_elements.platform/main/docs/images/"
"""Where the guides find their images: antsibull-docs copies texts only."""


def use_own_images(_app: Sphinx, _name: str, texts: list[str]) -> None:
    """Let a page show the images of this checkout, so that the site is whole without a network."""
    texts[0] = texts[0].replace(IMAGES, "/images/")


def setup(app: Sphinx) -> None:
    """Change the pages before Sphinx reads them."""
    app.connect("source-read", use_own_images)
