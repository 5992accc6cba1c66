"""Wiring only: what the extension is made of, and where CKAN finds it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation

from ckanext.digitalcity import languages
from ckanext.digitalcity.gate.follow import follow
from ckanext.digitalcity.gate.uploader import GatedUpload
from ckanext.digitalcity.logic.entry import actions
from ckanext.digitalcity.uploader import StagedUpload, for_resource


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class DigitalCityPlugin(
    DefaultTranslation,  # type: ignore[misc]
    p.IConfigurer,  # type: ignore[misc]
    p.IPackageController,  # type: ignore[misc]
    p.ITranslation,  # type: ignore[misc]
    p.IUploader,  # type: ignore[misc]
    p.SingletonPlugin,  # type: ignore[misc]
):
    """The one plugin of the pack."""

    def update_config(self, config: Any) -> None:
        """Our templates and assets, before CKAN's own."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "digitalcity")
        languages.offer(self.i18n_locales())

    def i18n_directory(self) -> str:
        """The mapped ``i18n`` package; DefaultTranslation would look beside this file."""
        return str(files("ckanext.digitalcity.i18n"))

    def i18n_locales(self) -> list[str]:
        """Only folders that really hold a catalogue."""
        folder = Path(self.i18n_directory())
        return [path.parent.name for path in folder.glob("*/LC_MESSAGES")]

    def get_uploader(self, upload_to: str, old_filename: str | None) -> None:
        """Pictures and logos are CKAN's business."""

    def get_resource_uploader(self, resource: dict[str, Any]) -> StagedUpload | GatedUpload | None:
        """Files are taken through the gate, and served from the stage."""
        return for_resource(resource)

    def after_dataset_update(self, context: Any, pkg_dict: dict[str, Any]) -> None:
        """What is known of uploaded files follows the dataset."""
        follow(pkg_dict["id"])
