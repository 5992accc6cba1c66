"""Maps the top-level data folders into the package (docs/adr/001-layout.md) and compiles the catalogues."""

from pathlib import Path

import polib
from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
MAPPED = {"schemas": "schemas", "harvesters": "harvesters", "i18n": "i18n", "demo": "demo"}

for catalogue in (HERE / "i18n").glob("*/LC_MESSAGES/*.po"):
    polib.pofile(str(catalogue)).save_as_mofile(str(catalogue.with_suffix(".mo")))

setup(
    packages=find_namespace_packages(include=["ckanext.*"]) + [f"ckanext.digitalcity.{name}" for name in MAPPED],
    package_dir={f"ckanext.digitalcity.{name}": folder for name, folder in MAPPED.items()},
    package_data={"": ["**/*"]},
    exclude_package_data={"": ["*.pyc", "__pycache__/*"]},
)
