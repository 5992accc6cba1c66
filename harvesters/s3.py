"""Buckets that speak S3 and ask who is there: requests are signed (AWS Signature Version 4) with the login kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped]

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Recipe

from .folder_html import Entry
from .folder_s3 import objects
from .http import Http
from .urls import split
from .web_folder import WebFolder

REGION = re.compile(r"[a-z0-9-]{1,40}")
IN_HOST = re.compile(r"(?:.+\.)?s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?")  # of Amazon's own
USUAL = "us-east-1"  # what Amazon takes as none, and most other servers as theirs


class Bucket(WebFolder):
    """Each object is a dataset, or all are one. A bucket shows an object once it has been uploaded whole."""

    kind = "s3"
    title = "Bucket (S3)"
    options = {
        **WebFolder.options,
        "region": "Where the bucket is, such as eu-west-2; default: as its address says, else us-east-1.",
    }
    example = "s3"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        found = IN_HOST.fullmatch(split(recipe.address).hostname or "")
        region = recipe.options.get("region", found[1] if found else USUAL)
        if not isinstance(region, str) or not REGION.fullmatch(region):
            raise RecipeError(f"“region” in the recipe “{recipe.name}” makes no sense.", "Write it as eu-west-2.")
        http.sign(recipe.address, lambda name, secret: AWS4Auth(name, secret, region, "s3"))

    def _files(self) -> Iterator[Entry]:
        return objects(self.recipe.address, self._read)
