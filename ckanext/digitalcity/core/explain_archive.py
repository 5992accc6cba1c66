"""Why an archive of several files did not pass."""

from __future__ import annotations

from .explanation import N_, Explanation

ARCHIVE = {
    "other-members": Explanation(
        N_("The archive also holds files that are no tables"),
        N_("The tables in the archive were checked. Another file in it was not looked at."),
        N_("Leave out of the archive what is no table, or look at those files yourself and release the archive."),
    ),
    "package-invalid": Explanation(
        N_("The description in the archive cannot be used"),
        N_("The file datapackage.json is broken, or what it says of the files in the archive is not so."),
        N_("Correct datapackage.json, or leave it out so that the structure of each table is inferred."),
    ),
    "unsuitable-archive": Explanation(
        N_("The archive cannot be taken as a set of tables"),
        N_("It holds more than 30 files, two files of one name, or a name that leads out of its folder."),
        N_("Pack fewer files together, under plain names."),
    ),
}
