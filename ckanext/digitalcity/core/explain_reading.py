"""What is about no single cell: Frictionless's general error types, and what is wrong with reading or a description."""

from __future__ import annotations

from .explanation import N_, Explanation

DATA = Explanation(
    N_("A fault in the data"),
    N_("Frictionless found something wrong that has no name of its own."),
    N_("Compare the file with an earlier one that passed, or ask the operator of this portal."),
)
TABLE = Explanation(
    N_("A fault of the whole table"),
    N_("Something about the file as a whole is not as it was stated: its size, say, or its columns."),
    N_("Check that the export is complete."),
)
HEADER = Explanation(
    N_("A fault in the header"),
    N_("The names of the columns are not as they should be."),
    N_("Compare the names of the columns with the schema, and correct them."),
)
READING = Explanation(
    N_("The settings for reading the file cannot be used"),
    N_("What was stated of its encoding, its separator or its header row does not fit."),
    N_("Correct these settings, or leave them out, so that they are detected."),
)
NO_SHEET = Explanation(
    N_("The workbook has no such sheet"),
    N_("The recipe says which sheet of the workbook holds the table, and there is none of that name or number."),
    N_("Correct the sheet in the recipe, or leave it out to read the first one."),
)
ONE_COLUMN = Explanation(
    N_("The columns were not told apart"),
    N_("Every row came out as a single cell, although separators stand in it. The rows may be quoted as a whole."),
    N_(
        "Export the file again as CSV, without quotation marks around whole rows, or state the separator in the "
        "recipe. If it really is one column, release the file."
    ),
)
REPEATED_HEADER = Explanation(
    N_("The header stands among the rows again"),
    N_("Some rows say the names of the columns once more, as if several tables had been joined."),
    N_("Remove the repeated headers, or publish each table as a file of its own. If it is meant so, release the file."),
)
NUL_CHARACTERS = Explanation(
    N_("The text holds NUL characters"),
    N_("There are characters in it that nobody sees and that most programs and databases refuse."),
    N_("Remove them where the data is kept, or export the file again: they often come from a broken transfer."),
)
DESCRIPTION = Explanation(
    N_("The description of the data cannot be used"),
    N_("In what describes the data, such as a data package, something is missing or wrong."),
    N_("Correct the description, or check the file by itself."),
)
CHECKS = Explanation(
    N_("The list of checks cannot be used"),
    N_("What should be checked is itself not written as it should be."),
    N_("Correct the list of checks."),
)
PROGRAM = Explanation(
    N_("The checking program is at fault"),
    N_("A part of it failed that has nothing to do with what is in the file."),
    N_("Try again; if it happens again, report it to the operator with the name of the file."),
)

READING_ERRORS = {
    "error": DATA,
    "data-error": DATA,
    "file-error": TABLE,
    "table-error": TABLE,
    "header-error": HEADER,
    "label-error": HEADER,
    "row-error": Explanation(
        N_("A fault in a row"),
        N_("The row as a whole is not as it should be."),
        N_("Compare the row with those above and below it, and correct it where the data is kept."),
    ),
    "cell-error": Explanation(
        N_("A fault in a cell"),
        N_("The cell is not as it should be."),
        N_("Correct the cell where the data is kept."),
    ),
    "source-error": Explanation(
        N_("The content cannot be read"),
        N_("The file is broken, cut off, or not what its name says."),
        N_("Open the file in the program that made it, and export it again."),
    ),
    "scheme-error": Explanation(
        N_("The place of the file cannot be read"),
        N_("It is neither a file nor a web address."),
        N_("Give the name of a file, or an address that starts with https://."),
    ),
    "format-error": Explanation(
        N_("The format cannot be read"),
        N_("There is no reader for files of this format."),
        N_("Publish the data as CSV."),
    ),
    "encoding-error": Explanation(
        N_("The letters cannot be read"),
        N_("The text is not in the character encoding that it was read in."),
        N_("Save the file as UTF-8."),
    ),
    "compression-error": Explanation(
        N_("The file cannot be unpacked"),
        N_("It is broken, or packed in a way that cannot be read."),
        N_("Pack the file again as .zip or .gz, or publish it unpacked."),
    ),
    "field-error": Explanation(
        N_("A field of the schema cannot be used"),
        N_("The schema describes a column in a way that the Table Schema standard does not know."),
        N_("Correct the field in the schema."),
    ),
    "dialect-error": READING,
    "control-error": READING,
    "detector-error": READING,
    "metadata-error": DESCRIPTION,
    "resource-error": DESCRIPTION,
    "package-error": DESCRIPTION,
    "dataset-error": DESCRIPTION,
    "catalog-error": DESCRIPTION,
    "checklist-error": CHECKS,
    "check-error": CHECKS,
    "inquiry-error": CHECKS,
    "inquiry-task-error": CHECKS,
    "pipeline-error": PROGRAM,
    "step-error": PROGRAM,
    "report-error": PROGRAM,
    "report-task-error": PROGRAM,
    "stats-error": PROGRAM,
}
