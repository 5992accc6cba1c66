"""New datasets written together: by CKAN's own actions with every extension's hooks, but in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib.plugins import DefaultDatasetForm, lookup_package_plugin
from ckan.plugins import plugin_loaded

from ckanext.digitalcity.core.model import Json
from ckanext.digitalcity.indexing import basket

_open = threading.local()


class Batch:
    """While it is open, ``create`` hands datasets to CKAN, which neither commits nor indexes them; ``commit`` does.

    What CKAN's activity stream was shown of a dataset is indexed as it is, not put together a second time. Who leaves
    the batch without ``commit`` rolls back.

    Args:
        context: who writes.
    """

    def __init__(self, context: Json) -> None:
        user = model.User.get(context["user"])  # or CKAN would ask for it with each dataset
        self._context = {**context, "auth_user_obj": user, "defer_commit": True, "return_id_only": True}
        self._created: list[str] = []
        self._shown: dict[str, Json] = {}

    def __enter__(self) -> Self:
        _open.batch = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _open.batch = None

    def create(self, package: Json) -> None:
        """``package_create``, up to the commit.

        Raises:
            ckan.logic.ValidationError: CKAN refuses the metadata, and has rolled the whole batch back.
        """
        self._created.append(tk.get_action("package_create")(dict(self._context), package))

    def commit(self, meanwhile: Callable[[], object]) -> None:
        """Indexes what was created, then commits everything in the session: CKAN's own order, which a replay mends.

        Args:
            meanwhile: adds to the session while Solr works.

        Raises:
            SearchIndexError: Solr does not take it, or does not answer.
        """
        with basket() as documents:
            for id_ in self._created:
                logic.index_insert_package_dicts(self._both(id_))
        with ThreadPoolExecutor(1, "digitalcity-index") as thread:
            handed_over = thread.submit(documents.empty)
            meanwhile()
        handed_over.result()
        model.Session.commit()

    def show(self, show: Any, context: Json, data_dict: Json) -> Json:
        """``package_show`` within a batch: from the database, for no index knows the dataset yet."""
        plain = "schema" not in context and "validate" not in context and not context.get("for_view")
        context["use_cache"] = False
        shown: Json = show(context, data_dict)
        if plain and data_dict.keys() <= {"id", "include_tracking"}:
            self._shown[str(data_dict["id"])] = shown
        return shown

    def _both(self, id_: str) -> tuple[Json, Json]:
        """The dataset as CKAN's index takes it: by CKAN's schema and by the one of its type."""
        shown = self._shown.get(id_) if plugin_loaded("activity") else None  # it looks last, after every hook
        if shown and type(lookup_package_plugin(shown["type"])) is DefaultDatasetForm:
            return shown, shown
        both: tuple[Json, Json] = logic.package_show_default_and_custom_schemas({"ignore_auth": True}, id_)
        return both


def current() -> Batch | None:
    """The batch that is open in this thread."""
    return getattr(_open, "batch", None)
