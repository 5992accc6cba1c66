"""The kinds of source there are: ours, and those that other packages bring."""

from __future__ import annotations

from importlib.metadata import entry_points

from ckanext.digitalcity.core.errors import ConfigError, RecipeError
from ckanext.digitalcity.core.model import Recipe

from .arcgis import ArcGIS
from .base import Source
from .ckan import CKAN
from .csv_index import CsvIndex
from .csw import Csw
from .data_json import DataJson
from .datapackage import DataPackage
from .dcat import Dcat
from .file import File
from .http import Http
from .ngsi_ld import NgsiLd
from .opendatasoft import Opendatasoft
from .options import did_you_mean
from .s3 import Bucket
from .sensorthings import SensorThings
from .sftp import Sftp
from .socrata import Socrata
from .web_folder import WebFolder

GROUP = "ckanext.digitalcity.sources"
BUILT_IN: tuple[type[Source], ...] = (
    ArcGIS,
    Bucket,
    CKAN,
    CsvIndex,
    Csw,
    DataJson,
    DataPackage,
    Dcat,
    File,
    NgsiLd,
    Opendatasoft,
    SensorThings,
    Sftp,
    Socrata,
    WebFolder,
)


def kinds() -> dict[str, type[Source]]:
    """Every kind by its name in recipes: the built-in ones and those installed under ``ckanext.digitalcity.sources``.

    Raises:
        ConfigError: two classes claim the same name, or one is no Source or cannot be loaded.
    """
    found = {source.kind: source for source in BUILT_IN}
    for entry in entry_points(group=GROUP):
        try:
            source = entry.load()
        except (ImportError, AttributeError):
            raise ConfigError(
                f"The kind of source “{entry.name}” cannot be loaded from “{entry.value}”.",
                "Install its package anew, or remove it.",
            ) from None
        if not (isinstance(source, type) and issubclass(source, Source)):
            raise ConfigError(f"“{entry.value}” is not a kind of source.", "Remove or correct the package it is in.")
        if source.kind in found:
            raise ConfigError(f"Two packages bring a kind of source called “{source.kind}”.", "Remove one of them.")
        found[source.kind] = source
    return found


def make(recipe: Recipe, http: Http) -> Source:
    """The source that a recipe describes.

    Raises:
        RecipeError: there is no such kind, or the kind does not understand the recipe.
    """
    known = kinds()
    if recipe.kind not in known:
        raise RecipeError(
            f"There is no kind of source called “{recipe.kind}” (recipe “{recipe.name}”).",
            did_you_mean(recipe.kind, known),
        )
    return known[recipe.kind](recipe, http)
