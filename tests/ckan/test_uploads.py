"""Files that people upload, by CKAN's form or its API, pass the same gate as harvested ones."""

from __future__ import annotations

import io
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import UPLOAD, Evidence, Item, Report, Source

from uploading import LARGE, PEOPLE, Harvest, api, call, file, item_of, label, reports, shown, work_off
from world import BAD_TOILETS, TOILETS, Council, as_admin


def test_a_small_file_that_passes_is_public_at_once_as_the_checked_bytes_with_its_label(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    answer = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"], name="Toilets")
    resource = answer.json["result"]
    assert app.get(resource["url"]).data == TOILETS.encode()
    assert resource["format"] == "CSV"
    assert resource["size"] == len(TOILETS)
    assert label(dataset["id"])["data-errors"] == "met"
    assert label(dataset["id"])["personal-data"] == "met"
    assert label(dataset["id"])["licence"] == "met"
    assert "Checked: no errors found" in app.get(f"/dataset/{dataset['id']}/resource/{resource['id']}").body


def test_a_small_file_with_errors_is_refused_and_the_api_says_where_and_what_to_do(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    answer = api(app, editor, "resource_create", BAD_TOILETS, package_id=dataset["id"])
    assert answer.status_code == 409
    said = answer.json["error"]["upload"][0]
    assert "error" in said
    assert "Row 3" in said
    assert tk.get_action("package_show")(as_admin(), {"id": dataset["id"]})["resources"] == []
    assert model.Session.query(Item).count() == reports() == 0


def test_the_form_shows_the_errors_and_takes_the_mended_file(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    def send(content: str) -> Any:
        data = {"save": "go-dataset-complete", "id": "", "url": "", "url_type": "upload", "name": "Toilets",
                "digitalcity_schema": "", "upload": (io.BytesIO(content.encode()), "toilets.csv")}  # fmt: skip
        headers = {"Authorization": editor["token"]}
        return app.post(f"/dataset/{dataset['id']}/resource/new", data=data, headers=headers, follow_redirects=False)

    page = send(BAD_TOILETS)
    assert "did not pass the check" in page.body
    assert "Row 3" in page.body
    assert 'name="digitalcity_schema"' in page.body
    assert send(TOILETS).status_code == 302
    model.Session.remove()
    resources = tk.get_action("package_show")(as_admin(), {"id": dataset["id"]})["resources"]
    assert [app.get(r["url"]).data for r in resources] == [TOILETS.encode()]


def test_personal_data_is_refused_by_column_without_quoting_anybody(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    answer = api(app, editor, "resource_create", PEOPLE, package_id=dataset["id"])
    assert answer.status_code == 409
    assert "email" in answer.json["error"]["upload"][0]
    assert "sam.jones" not in answer.body


@pytest.mark.parametrize("action", ["resource_update", "resource_patch"])
def test_replacing_a_good_file_by_a_bad_one_is_refused_and_keeps_the_good_one(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], action: str
) -> None:
    good = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    answer = api(app, editor, action, BAD_TOILETS, "new.csv", id=good["id"])
    assert answer.status_code == 409
    model.Session.remove()
    assert shown(good["id"]) == good
    assert app.get(good["url"]).data == TOILETS.encode()


def test_a_small_file_that_did_not_pass_can_be_kept_for_a_decision_and_released_with_a_reason(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    answer = api(app, editor, "resource_create", PEOPLE, package_id=dataset["id"], digitalcity_hold="true")
    resource = answer.json["result"]
    assert app.get(resource["url"], status=404).status_code == 404
    [waiting] = call(editor, "digitalcity_inbox_list")["results"]
    assert waiting["outcome"] == "held"
    call(editor, "digitalcity_item_release", id=waiting["id"], reason="The councillors' public list.")
    assert app.get(shown(resource["id"])["url"]).data == PEOPLE.encode()
    told = tk.get_action("digitalcity_label_show")(as_admin(), {"id": dataset["id"]})
    assert "public list" in json.dumps(told)


def test_editing_titles_checks_nothing_again(app: Any, editor: dict[str, Any], dataset: dict[str, Any]) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    facts = model.Session.query(Evidence).count()
    call(editor, "package_patch", id=dataset["id"], title="Public toilets of Aberfal")
    call(editor, "resource_patch", id=resource["id"], name="All toilets")
    form = {"save": "go-dataset-complete", "id": resource["id"], "url": "toilets.csv", "url_type": "upload",
            "name": "Every toilet", "digitalcity_schema": ""}  # fmt: skip
    app.post(f"/dataset/{dataset['id']}/resource/{resource['id']}/edit", data=form,
             headers={"Authorization": editor["token"]}, follow_redirects=False)  # fmt: skip
    package = call(editor, "package_show", id=dataset["id"])
    call(editor, "package_update", **package)
    call(editor, "package_revise", match={"id": dataset["id"]}, update={"notes": "Where they are."})
    after = shown(resource["id"])
    assert after["name"] == "Every toilet"
    assert (after["hash"], after["url"]) == (resource["hash"], resource["url"])
    assert (reports(), model.Session.query(Evidence).count()) == (1, facts)
    assert app.get(after["url"]).data == TOILETS.encode()


def test_the_label_follows_a_licence_that_is_stated_later(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    call(editor, "package_patch", id=dataset["id"], license_id="notspecified")
    api(app, editor, "resource_create", TOILETS, package_id=dataset["id"])
    assert label(dataset["id"])["licence"] == "not met"
    call(editor, "package_patch", id=dataset["id"], license_id="cc-by")
    assert label(dataset["id"])["licence"] == "met"
    assert reports() == 1


@pytest.mark.parametrize("how", ["package_update", "package_revise"])
def test_a_whole_dataset_written_with_an_upload_in_it_passes_the_gate_too(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], how: str
) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    if how == "package_update":
        package = call(editor, "package_show", id=dataset["id"])
        package["resources"][0]["upload"] = file(BAD_TOILETS)
        data: dict[str, Any] = package
    else:
        data = {"match": {"id": dataset["id"]}, "update__resources__0__upload": file(BAD_TOILETS)}
    with pytest.raises(tk.ValidationError):
        call(editor, how, **data)
    assert app.get(shown(resource["id"])["url"]).data == TOILETS.encode()


def test_a_resource_that_only_claims_to_be_an_upload_serves_nothing(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    claimed = call(editor, "resource_create", package_id=dataset["id"], url="secret.csv", url_type="upload")
    assert app.get(claimed["url"], status=404).status_code == 404
    whole = factories.Dataset(owner_org="aberfal", resources=[
        {"url": "secret.csv", "url_type": "upload", "upload": "x", "hash": claimed["hash"]}])  # fmt: skip
    assert app.get(whole["resources"][0]["url"], status=404).status_code == 404


def test_a_held_file_cannot_be_reached_by_stating_its_hash(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    good = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    held = api(app, editor, "resource_create", PEOPLE, package_id=dataset["id"], digitalcity_hold="true")
    row = model.Session.query(Report).filter_by(item_id=item_of(held.json["result"]).id).one()
    call(editor, "resource_patch", id=good["id"], hash=f"sha256:{row.sha256}", size=1)
    assert app.get(shown(good["id"])["url"]).data == TOILETS.encode()
    assert shown(good["id"])["hash"] == good["hash"]


def test_a_link_is_not_assessed_and_left_as_it_is(app: Any, editor: dict[str, Any], dataset: dict[str, Any]) -> None:
    link = call(editor, "resource_create", package_id=dataset["id"], url="http://example.com/a.csv", format="CSV")
    assert link["url"] == "http://example.com/a.csv"
    page = app.get(f"/dataset/{dataset['id']}/resource/{link['id']}").body
    assert "has not been checked" in page
    assert label(dataset["id"])["data-errors"] == "not assessed"


@pytest.mark.parametrize("large", [False, True], ids=["public", "being checked"])
def test_a_file_that_is_replaced_by_a_link_is_forgotten(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any], portal: Any, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setitem(portal, LARGE, 0)
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    call(editor, "resource_update", id=resource["id"], url="http://example.com/a.csv", url_type="")
    work_off()
    assert shown(resource["id"])["url"] == "http://example.com/a.csv"
    assert label(dataset["id"])["data-errors"] == "not assessed"
    assert item_of(resource).outcome == "withdrawn"


def test_a_deleted_resource_takes_its_evidence_along(app: Any, editor: dict[str, Any], dataset: dict[str, Any]) -> None:
    resource = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"]).json["result"]
    call(editor, "resource_delete", id=resource["id"])
    assert label(dataset["id"])["data-errors"] == "not assessed"


def test_a_sysadmin_passes_the_gate_like_everyone(app: Any, dataset: dict[str, Any]) -> None:
    admin = factories.SysadminWithToken()
    answer = api(app, admin, "resource_create", PEOPLE, package_id=dataset["id"])
    assert answer.status_code == 409
    with pytest.raises(tk.ValidationError):
        call(admin, "digitalcity_run_start", id=_uploads(app, admin, dataset))


def _uploads(app: Any, user: dict[str, Any], dataset: dict[str, Any]) -> str:
    api(app, user, "resource_create", TOILETS, package_id=dataset["id"])
    return str(model.Session.query(Source).filter_by(kind=UPLOAD).one().id)


def test_somebody_who_may_not_write_the_dataset_uploads_nothing(app: Any, dataset: dict[str, Any]) -> None:
    stranger = factories.UserWithToken()
    assert api(app, stranger, "resource_create", TOILETS, package_id=dataset["id"]).status_code == 403
    assert model.Session.query(Item).count() == 0


def test_a_chosen_schema_is_what_the_file_is_checked_against(
    app: Any, editor: dict[str, Any], dataset: dict[str, Any]
) -> None:
    wrong = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"], digitalcity_schema="no-such")
    assert "digitalcity_schema" in wrong.json["error"]
    answer = api(app, editor, "resource_create", TOILETS, package_id=dataset["id"],
                 digitalcity_schema="trees", digitalcity_hold="true")  # fmt: skip
    resource = answer.json["result"]
    assert resource["digitalcity_schema"] == "trees"
    report = model.Session.query(Report).one()
    assert report.result["schema_name"].startswith("trees")
    assert report.outcome == "failed"


def test_reports_on_files_of_a_private_dataset_are_private(app: Any, editor: dict[str, Any]) -> None:
    private = factories.Dataset(owner_org="aberfal", private=True)
    api(app, editor, "resource_create", TOILETS, package_id=private["id"])
    report, source = model.Session.query(Report).one().id, model.Session.query(Source).one().id
    anyone: Any = {"user": ""}
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("digitalcity_report_show")(dict(anyone), {"id": report})
    assert tk.get_action("digitalcity_item_list")(dict(anyone), {"id": source})["count"] == 0
    assert call(editor, "digitalcity_report_show", id=report)["outcome"] == "passed"


def test_a_harvested_file_is_still_not_replaced_by_hand_nor_checked_twice(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    assert reports() == 1
    assert model.Session.query(Source).filter_by(kind=UPLOAD).count() == 0
    item = model.Session.query(Item).one()
    resource = tk.get_action("package_show")(as_admin(), {"id": item.dataset_id})["resources"][0]
    assert api(app, editor, "resource_patch", TOILETS, id=resource["id"]).status_code == 409


def test_the_pages_of_uploads_say_what_they_are(app: Any, editor: dict[str, Any], dataset: dict[str, Any]) -> None:
    name = model.Session.get(Source, _uploads(app, editor, dataset)).name
    page = app.get(f"/digitalcity/source/{name}").body
    assert "Files that people upload" in page
    of_sources = ("Run now", "Schedule", "Never read in full yet", "It has not been run yet", "Its runs as a feed")
    for words in of_sources:
        assert words not in page
    assert app.get("/").status_code == 200
