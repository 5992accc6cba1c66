"""Plain words of the form of a source and of its previews."""

from __future__ import annotations

from ckanext.digitalcity.core.explain import N_
from ckanext.digitalcity.word import Word

# What a kind of source is for, in one sentence.
SOURCE_HELP = {
    "ckan": Word(N_("Another portal. Each of its datasets becomes a dataset with copies of its files.")),
    "data-json": Word(N_("A catalogue in a file called data.json. Each dataset in it becomes a dataset.")),
    "ngsi-ld": Word(N_("A broker that knows the present state of things in the city. Each type becomes a dataset.")),
    "csw": Word(N_("A catalogue of maps and geographic data. Each of its records becomes a dataset.")),
    "dcat": Word(N_("A catalogue in RDF. Each dataset in it becomes a dataset.")),
    "sensorthings": Word(N_("Sensors that report through a standard service. Each sensor becomes a dataset.")),
    "csv-index": Word(N_("A table that lists files: where they are and what they are about. Each row is a dataset.")),
    "file": Word(N_("The same address always gives the newest version of one file. It becomes one dataset.")),
    "web-folder": Word(N_("A folder that a web server lists, or a public bucket. Its files become datasets.")),
    "sftp": Word(
        N_("A folder on an SFTP server into which others put files. They become datasets once they are whole.")
    ),
    "s3": Word(N_("A bucket that speaks S3, also one that asks for a key. Its files become datasets.")),
    "datapackage": Word(N_("A datapackage.json that describes files and their columns. It becomes one dataset.")),
    "arcgis": Word(N_("A service of an ArcGIS server. Each of its layers becomes a dataset with one CSV file.")),
    "opendatasoft": Word(N_("Another portal. Each of its datasets becomes a dataset with one CSV file.")),
    "socrata": Word(N_("Another portal. Each of its datasets becomes a dataset with one file.")),
}

# Settings of single kinds of source.
OPTIONS = {
    "api": Word(N_("Which interface it speaks")),
    "language": Word(N_("Language of titles and texts")),
    "tenant": Word(N_("Tenant")),
    "types": Word(N_("Types of entities")),
    "category": Word(N_("Which category")),
    "blank_url": Word(N_("Rows that name no file")),
    "dataset": Word(N_("One dataset or many")),
    "ask_files": Word(N_("Whether every file is asked about")),
    "filter": Word(N_("Which datasets")),
    "format": Word(N_("Format of the file")),
    "formats": Word(N_("Formats of files")),
    "groups": Word(N_("Groups of the other portal")),
    "licences": Word(N_("Licences of the other portal")),
    "organisations": Word(N_("Organisations of the other portal")),
    "history": Word(N_("History")),
    "host_key": Word(N_("Fingerprint of the server’s key")),
    "layers": Word(N_("Layers")),
    "levels": Word(N_("Levels of folders")),
    "other_hosts": Word(N_("Files on other servers")),
    "overlap_days": Word(N_("Days that are read again")),
    "pattern": Word(N_("Which files")),
    "place": Word(N_("Where observations were made")),
    "refine": Word(N_("Which datasets")),
    "region": Word(N_("Region")),
    "search": Word(N_("Search")),
    "sheet": Word(N_("Sheet")),
    "since": Word(N_("First day")),
}

# Facts that a column of an index may hold.
FIELDS = {
    "id": Word(N_("Id of the file")),
    "url": Word(N_("Address of the file")),
    "title": Word(N_("Title of the file")),
    "description": Word(N_("Description")),
    "format": Word(N_("Format")),
    "licence": Word(N_("Licence")),
    "modified": Word(N_("Last change")),
    "keywords": Word(N_("Keywords")),
    "frequency": Word(N_("Update frequency")),
    "schema": Word(N_("Address of its Table Schema")),
    "dataset": Word(N_("Dataset that it belongs to")),
    "dataset_title": Word(N_("Title of that dataset")),
    "dataset_description": Word(N_("Description of that dataset")),
}

OFTEN = {
    "": Word(N_("Only when somebody starts it")),
    "hour": Word(N_("Every hour")),
    "30 minutes": Word(N_("Every 30 minutes")),
    "15 minutes": Word(N_("Every 15 minutes")),
    "day": Word(N_("Every day")),
    "weekday": Word(N_("Every weekday (Monday to Friday)")),
    "monday": Word(N_("Every Monday")),
    "tuesday": Word(N_("Every Tuesday")),
    "wednesday": Word(N_("Every Wednesday")),
    "thursday": Word(N_("Every Thursday")),
    "friday": Word(N_("Every Friday")),
    "saturday": Word(N_("Every Saturday")),
    "sunday": Word(N_("Every Sunday")),
    "month": Word(N_("Every month")),
    "other": Word(N_("Another rhythm")),
}

# What somebody should do next about a source (harvest/standing.py).
NEXT = {
    "approve": Word(
        N_("A change of its recipe waits for approval. Read what would change, then approve or refuse it.")
    ),
    "mend": Word(
        N_("It cannot be read. Read what happened, and test its address in “Change”; the portal keeps trying.")
    ),
    "decide": Word(N_("Something is held. Look at each in the inbox, and release or reject it.")),
    "allow": Word(
        N_("Many of its datasets are no longer listed. Open its last run, and let them be withdrawn if that is right.")
    ),
    "look": Word(N_("Some records could not be checked. Look at why, and tell whoever publishes them.")),
    "resume": Word(N_("Its schedule is paused. Take it up again once the reason is gone.")),
    "wake": Word(N_("It should have started by now. Ask your administrator whether the scheduler is running.")),
    "run": Word(N_("It has never been read. Look at a preview, then run it.")),
}

POLICIES = {
    "hold": Word(N_("It waits until a person decides; what is public stays (recommended)")),
    "warn": Word(N_("It is published with a warning on its label")),
    "valid-rows": Word(N_("It is published without the rows that failed, if they are few")),
}

# What a preview says would become of a record.
WOULD_BE = {
    "published": Word(N_("New: would be published"), "check", "good"),
    "updated": Word(N_("Would be updated"), "check", "good"),
    "unchanged": Word(N_("Unchanged"), "equal", "plain"),
    "held": Word(N_("Would be held"), "pause", "wait"),
    "error": Word(N_("Error"), "warning", "bad"),
    "missing": Word(N_("No longer listed: would be withdrawn in time"), "question", "wait"),
    "unlooked": Word(N_("Not looked at in this preview"), "dash", "plain"),
    "listed": Word(N_("Found"), "check", "good"),
}

FILE_CHANGES = {
    "new": Word(N_("New file"), "check", "good"),
    "changed": Word(N_("Changed file"), "check", "good"),
    "same": Word(N_("Unchanged file"), "equal", "plain"),
    "gone": Word(N_("File would be removed"), "dash", "wait"),
}

# Parts of a dataset's description.
PARTS = {
    "title": Word(N_("Title")),
    "notes": Word(N_("Description")),
    "license_id": Word(N_("Licence")),
    "url": Word(N_("Web page")),
    "maintainer": Word(N_("Who answers for the data")),
    "maintainer_email": Word(N_("E-mail address")),
    "tags": Word(N_("Keywords")),
}

VERSIONS = {
    "used": Word(N_("Saved"), "check", "good"),
    "proposed": Word(N_("Waits for approval"), "pause", "wait"),
    "refused": Word(N_("Refused"), "cross", "plain"),
    "superseded": Word(N_("Another change took its place"), "dash", "plain"),
}

LICENCES = {
    "OGL-UK-3.0": Word(N_("Open Government Licence 3.0")),
    "CC-BY-4.0": Word(N_("Creative Commons Attribution 4.0")),
    "CC-BY-SA-4.0": Word(N_("Creative Commons Attribution ShareAlike 4.0")),
    "CC0-1.0": Word(N_("Creative Commons Zero 1.0 (no rights reserved)")),
    "ODbL-1.0": Word(N_("Open Database Licence 1.0")),
    "ODC-By-1.0": Word(N_("Open Data Commons Attribution 1.0")),
    "PDDL-1.0": Word(N_("Open Data Commons Public Domain Dedication 1.0")),
}
