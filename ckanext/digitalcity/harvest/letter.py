"""What a message says as an e-mail, in the language of who gets it."""

from __future__ import annotations

import gettext
from importlib.resources import files

import ckan.plugins.toolkit as tk

from ckanext.digitalcity import words
from ckanext.digitalcity.core.explain import N_
from ckanext.digitalcity.core.model import Json

SUBJECTS = {
    "failing": N_("{title}: the source cannot be read"),
    "held": N_("{title}: something waits for your decision"),
    "missing": N_("{title}: many datasets are no longer listed"),
    "recovered": N_("{title}: the source can be read again"),
    "run": N_("{title}: a run has finished"),
}
SAID = {
    "failing": N_("The last run could not be done. What was published before stays public."),
    "held": N_("Something from this source did not pass its checks and waits until an editor releases or rejects it."),
    "missing": N_("Nothing was withdrawn. If these datasets really are gone, allow it on the page of the run."),
    "recovered": N_("The source could be read in full again."),
    "run": N_("A run of this source has finished."),
}


def letter(body: Json, language: str) -> tuple[str, str]:
    """Subject and text.

    Args:
        body: as ``notify.note`` wrote it.
        language: as CKAN names it; English where there is no translation.
    """
    folder = str(files("ckanext.digitalcity.i18n"))
    say = gettext.translation("ckanext-digitalcity", folder, languages=[language], fallback=True).gettext
    title, site = body["source"]["title"], str(tk.config["ckan.site_url"]).rstrip("/")
    counts = [
        f"{say(words.word('change', change).text)}: {number}"
        for change, number in words.in_order("change", body["counts"])
    ]
    lines = [*(say(SAID[event]) for event in body["events"]), body["message"], "\n".join(counts)]
    lines.append(f"{say('Source')}: {site}/digitalcity/source/{body['source']['name']}")
    lines.append(f"{say('Run')}: {site}/digitalcity/run/{body['run']}")
    if "held" in body["events"]:
        lines.append(f"{say('Inbox')}: {site}/digitalcity/inbox/")
    lines.append(say(N_("You get this because you edit for the organisation of this source.")))
    lines.append(f"{say(N_('Language of your e-mails'))}: {site}/digitalcity/letters/")
    return say(SUBJECTS[body["events"][0]]).format(title=title), "\n\n".join(line for line in lines if line)
