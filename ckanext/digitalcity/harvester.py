"""For portals that run ckanext-harvest: our kinds of sources as its harvester types, through the same gate.

Each plugin here is one type (``ckan.plugins = … harvest digitalcity digitalcity_sensorthings``). A job of theirs is
one run of ours, whose records are its objects. See docs/guide/ckanext-harvest.md.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import yaml
from ckan import model
from ckanext.harvest.interfaces import IHarvester
from ckanext.harvest.model import HarvestGatherError, HarvestObject, HarvestObjectError, HarvestObjectExtra

from ckanext.digitalcity import words
from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.yaml_text import read_mapping
from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.preview import readable
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Item, Run, Task
from ckanext.digitalcity.publish import as_portal

# What ckanext-harvest itself knows of a source; its own schedule decides when it is read.
THEIRS = ("name", "title", "kind", "address", "organisation", "organisation_title", "schedule")
RUN = "digitalcity_run"


class Gated(p.SingletonPlugin):  # type: ignore[misc]
    """What all types share."""

    p.implements(IHarvester)
    kind: ClassVar[str] = ""

    def info(self) -> dict[str, str]:
        """How ckanext-harvest's form shows the type."""
        about = words.word("kind_help", self.kind).text
        return {
            "name": f"digitalcity_{self.kind.replace('-', '_')}",
            "title": f"{words.word('kind', self.kind).text}, checked before it is published",
            "description": f"{about} The configuration is the rest of a recipe, as YAML.",
            "form_config_interface": "Text",
        }

    def validate_config(self, config: str | None) -> str:
        """The rest of a recipe.

        Raises:
            ValueError: says what is wrong with it.
        """
        self._recipe("example", "Example", "https://example.org/data", "example", config or "")
        return config or ""

    def get_original_url(self, harvest_object_id: str) -> str | None:
        """The page that says what became of the record."""
        found = HarvestObject.get(harvest_object_id)
        source = find(model.Package.get(found.source.id).name) if found else None
        item = source and model.Session.query(Item).filter_by(source_id=source.id, remote_id=found.guid).first()
        return str(tk.url_for("digitalcity_item.read", id=item.id, qualified=True)) if item else None

    def gather_stage(self, harvest_job: Any) -> list[str]:
        """Does a whole run of ours: its records are checked and published, or held. Gives an object for each."""
        try:
            run = self._run(harvest_job.source)
        except (tk.ValidationError, ValueError) as problem:
            said = (
                "; ".join(problem.error_summary.values()) if isinstance(problem, tk.ValidationError) else str(problem)
            )
            model.Session.rollback()
            HarvestGatherError.create(message=said, job=harvest_job)
            return []
        if run.state != "finished":
            HarvestGatherError.create(message=run.message or "The run was stopped.", job=harvest_job)
        elif run.message:
            HarvestGatherError.create(message=run.message, job=harvest_job)
        ids = []
        for (remote_id,) in model.Session.query(Task.remote_id).filter_by(run_id=run.id).order_by(Task.position):
            made = HarvestObject(guid=remote_id, job=harvest_job, extras=[HarvestObjectExtra(key=RUN, value=run.id)])
            made.save()
            ids.append(made.id)
        return ids

    def fetch_stage(self, harvest_object: Any) -> bool:
        """Nothing: the run has fetched it."""
        return True

    def import_stage(self, harvest_object: Any) -> bool | str:
        """Says what became of the record. What is held counts as an error there: ckanext-harvest has no other word."""
        run_id = next(extra.value for extra in harvest_object.extras if extra.key == RUN)
        task = model.Session.query(Task).filter_by(run_id=run_id, remote_id=harvest_object.guid).one()
        run = model.Session.get(Run, run_id)
        item = model.Session.query(Item).filter_by(source_id=run.source_id, remote_id=task.remote_id).first()
        public = item is not None and item.published is not None and task.change != "withdrawn"
        if public or task.change == "withdrawn":
            for older in model.Session.query(HarvestObject).filter_by(
                harvest_source_id=harvest_object.source.id, guid=harvest_object.guid, current=True
            ):
                older.current = False
            harvest_object.package_id, harvest_object.current = item.dataset_id, public
            harvest_object.save()
        if task.change in ("held", "error", ""):
            why = words.word("reason", task.reason).text if task.reason else words.word("change", task.change).text
            HarvestObjectError.create(message=f"{why}. {task.message}".strip(), object=harvest_object, stage="Import")
            return False
        return "unchanged" if task.change in ("unchanged", "missing") else True

    def _run(self, theirs: Any) -> Run:
        """Our source for theirs, run to its end."""
        package = model.Package.get(theirs.id)
        organization = model.Group.get(package.owner_org or theirs.publisher_id or "")
        if organization is None:
            raise ValueError(
                "The harvest source belongs to no organization. Give it one: its datasets will be owned by it."
            )
        recipe = self._recipe(package.name, theirs.title, theirs.url, organization.name, theirs.config or "")
        saved = tk.get_action("digitalcity_source_save")(as_portal(), {"recipe": recipe, "reason": "ckanext-harvest"})
        if saved["proposed"]:
            raise ValueError("The changed recipe waits for the approval of a second person.")
        run_id = ledger.open_run(find(saved["name"]), "ckanext-harvest").id
        while True:
            run: Run = model.Session.get(Run, run_id, populate_existing=True)
            if run.finished:
                return run
            if work(run_id):
                continue
            if run_id not in ledger.abandoned():
                raise ValueError("Another worker is at this source. Its run goes on; harvest again later.")
            time.sleep(1)  # its server is left alone for a while

    def _recipe(self, name: str, title_: str, address: str, organisation: str, config: str) -> str:
        try:
            rest = read_mapping(config, "configuration")[0] if config.strip() else {}
            if mine := sorted(set(rest) & set(THEIRS)):
                raise ValueError(f"ckanext-harvest keeps this itself, leave it out: {', '.join(mine)}.")
            facts = {
                "name": name,
                "title": title_ or name,
                "kind": self.kind,
                "address": address,
                "organisation": organisation,
            }
            text = yaml.safe_dump({**facts, **rest}, sort_keys=False, allow_unicode=True)
            readable(text)
        except RecipeError as wrong:
            raise ValueError(str(wrong)) from wrong
        return str(text)


class ArcGIS(Gated):
    """Sources of kind ``arcgis``."""

    kind = "arcgis"


class Bucket(Gated):
    """Sources of kind ``s3``."""

    kind = "s3"


class CKAN(Gated):
    """Sources of kind ``ckan``."""

    kind = "ckan"


class CsvIndex(Gated):
    """Sources of kind ``csv-index``."""

    kind = "csv-index"


class Csw(Gated):
    """Sources of kind ``csw``."""

    kind = "csw"


class DataJson(Gated):
    """Sources of kind ``data-json``."""

    kind = "data-json"


class DataPackage(Gated):
    """Sources of kind ``datapackage``."""

    kind = "datapackage"


class Dcat(Gated):
    """Sources of kind ``dcat``."""

    kind = "dcat"


class File(Gated):
    """Sources of kind ``file``."""

    kind = "file"


class NgsiLd(Gated):
    """Sources of kind ``ngsi-ld``."""

    kind = "ngsi-ld"


class Opendatasoft(Gated):
    """Sources of kind ``opendatasoft``."""

    kind = "opendatasoft"


class SensorThings(Gated):
    """Sources of kind ``sensorthings``."""

    kind = "sensorthings"


class Sftp(Gated):
    """Sources of kind ``sftp``."""

    kind = "sftp"


class Socrata(Gated):
    """Sources of kind ``socrata``."""

    kind = "socrata"


class WebFolder(Gated):
    """Sources of kind ``web-folder``."""

    kind = "web-folder"
