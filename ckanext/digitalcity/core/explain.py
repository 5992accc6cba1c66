"""Every fault, reason and finding in plain English: what it means and how to mend it.

``docs/guide/checks.md`` says the same; a test keeps them together. The texts are message ids for gettext.
"""

from __future__ import annotations

from .explain_archive import ARCHIVE
from .explain_fetching import FETCHING
from .explain_geopackage import GEOPACKAGE
from .explain_reading import NO_SHEET, NUL_CHARACTERS, ONE_COLUMN, READING_ERRORS, REPEATED_HEADER
from .explain_schema import SCHEMA
from .explanation import N_ as N_
from .explanation import Explanation as Explanation


def explain(rule: str) -> Explanation:
    """Explains a fault's rule, a result's reason or a finding's rule. One we do not know is said to be unknown."""
    return EXPLANATIONS.get(rule) or _beyond(rule)


def _beyond(rule: str) -> Explanation:
    """Checks of ours are explained where they are written: asked last, because loading them takes half a second."""
    from .checks import EXPLAINED

    return EXPLAINED.get(rule, UNKNOWN)


UNKNOWN = Explanation(
    N_("Something else"),
    N_("The check reported something this version has no words for."),
    N_("Ask the operator of this portal, and give the name of the rule."),
)

# Reasons: why a whole file did not pass.
REASONS = {
    "invalid": Explanation(
        N_("The data has faults"),
        N_("The file could be read to its end, but some rows or columns are not as they should be."),
        N_("Look through the faults listed below, correct them where the data is kept, and publish the file again."),
    ),
    "personal-data": Explanation(
        N_("The file may hold personal data"),
        N_("Some cells look like data about people. The file is held until a person has looked at it."),
        N_(
            "Remove or mask those columns where the data is kept. If they are meant to be public, an editor of the "
            "organisation can release the file and say why."
        ),
    ),
    "cannot-check": Explanation(
        N_("This kind of file cannot be checked yet"),
        N_("The file is what it claims to be, but it is not a table that this portal can validate and screen."),
        N_("Look at the file yourself and release it, or publish the data as CSV as well."),
    ),
    "several-sheets": Explanation(
        N_("The workbook has more than one sheet"),
        N_("Only the first sheet was checked. The others, hidden ones too, were not looked at."),
        N_("Publish each sheet as a file of its own, or look at the others yourself and release the file."),
    ),
    "no-rows": Explanation(
        N_("The table has no rows"),
        N_("There is a header, but no data below it."),
        N_("If the table is meant to be empty, release it; else find out why the export brought nothing."),
    ),
    "one-column": ONE_COLUMN,
    "repeated-header": REPEATED_HEADER,
    "nul-characters": NUL_CHARACTERS,
    "empty": Explanation(
        N_("The file is empty"),
        N_("There are no bytes in the file, or nothing but blanks."),
        N_("Find out why the export wrote nothing, and publish the file again."),
    ),
    "format-mismatch": Explanation(
        N_("The file is not what it claims to be"),
        N_("Its name or its stated format says one thing and its content is another."),
        N_("Correct the format or the file's ending, or put the right file in its place."),
    ),
    "html-page": Explanation(
        N_("A web page came instead of the data"),
        N_("The address answered with an HTML page. It is often an error message or a log-in page."),
        N_("Open the address in a browser to see what it says, and give the address of the file itself."),
    ),
    "lfs-pointer": Explanation(
        N_("A pointer came instead of the data"),
        N_("The file is a Git LFS pointer: a few lines that stand for a large file kept elsewhere."),
        N_("Give the address that serves the file itself, not the text in the repository."),
    ),
    "unreadable": Explanation(
        N_("The file is broken"),
        N_("The file could not be read to its end. It may have been cut off, or damaged on its way."),
        N_("Open the file yourself; if that fails too, export it again."),
    ),
    "encrypted": Explanation(
        N_("The file is protected by a password"),
        N_("Nobody can read the file without its password, so it can neither be checked nor be open data."),
        N_("Save the file without a password and publish it again."),
    ),
    "bomb": Explanation(
        N_("The file unpacks to far too much"),
        N_("The compressed file is small, but its content is larger than this portal unpacks."),
        N_("Publish the data uncompressed or in smaller parts, or ask the operator to raise the limit."),
    ),
    "too-large": Explanation(
        N_("The file is too large"),
        N_("The file has more bytes than this portal takes."),
        N_("Publish the data in smaller parts, by year for instance, or ask the operator to raise the limit."),
    ),
    "giant-cell": Explanation(
        N_("One cell is far too long"),
        N_("A single cell holds more text than this portal takes. Often a quotation mark was opened and never closed."),
        N_('Look for a lone quotation mark (") in the file, or export the file again.'),
    ),
    "mixed-encoding": Explanation(
        N_("The text is written in two encodings"),
        N_("Part of the file is UTF-8 and part is not, so that letters with accents or the pound sign come out wrong."),
        N_("Export everything as UTF-8; where files were joined, convert each of them first."),
    ),
    "wrong-encoding": Explanation(
        N_("The text is not in the encoding it should be in"),
        N_("The file cannot be read in the encoding that was stated or detected."),
        N_("Save the file as UTF-8, or correct the encoding in the recipe."),
    ),
    "no-header": Explanation(
        N_("The header is not where it should be"),
        N_("The recipe says on which row the names of the columns are, and the table does not reach that far."),
        N_("Correct the number of the row in the recipe, or leave it out."),
    ),
    "no-sheet": NO_SHEET,
    "ambiguous-columns": Explanation(
        N_("The columns cannot be told apart"),
        N_("Two columns have the same name, so that nobody can say which of them the schema means."),
        N_("Give every column a name of its own."),
    ),
    "schema-invalid": Explanation(
        N_("The schema cannot be used"),
        N_("The Table Schema that should describe the file has a fault itself. The data was not checked."),
        N_("Correct the schema, or choose another one in the recipe."),
    ),
    "time-limit": Explanation(
        N_("The check took too long"),
        N_("The check was stopped before it was finished, so the file does not count as checked."),
        N_("Publish the data in smaller parts, or ask the operator to raise the limit."),
    ),
    "memory-limit": Explanation(
        N_("The check needed too much memory"),
        N_("The check was stopped before it was finished, so the file does not count as checked."),
        N_("Publish the data in smaller parts, or ask the operator to raise the limit."),
    ),
    "report-too-large": Explanation(
        N_("The report would be too large"),
        N_("There is so much to say about the file that the check was stopped."),
        N_("Publish the data with fewer columns, or in smaller parts."),
    ),
    "too-deep": Explanation(
        N_("The file is nested too deeply"),
        N_("Its parts lie inside each other so many times that it was not read to its end."),
        N_("Publish the data as a plain table."),
    ),
    "forbidden": Explanation(
        N_("Reading the file would have needed something forbidden"),
        N_("The check was stopped because the file led to the network or to another program."),
        N_("Have a specialist look at the file before anybody opens it."),
    ),
    "crash": Explanation(
        N_("The check broke down"),
        N_("The program that checks files ended without a result. The file does not count as checked."),
        N_("Try again; if it happens again, report it to the operator with the name of the file."),
    ),
    **GEOPACKAGE,
    **ARCHIVE,
}

# Screening rules: what kind of personal data was suspected.
FINDINGS = {
    "email": Explanation(
        N_("E-mail addresses"),
        N_("The column holds e-mail addresses that look like those of people. A role's address is only noted."),
        N_("Remove the column, or put an office's address (planning@…) in place of a person's."),
    ),
    "uk-telephone": Explanation(
        N_("Telephone numbers"),
        N_("The column holds UK telephone numbers that may lead to people. An office's one number is only noted."),
        N_("Remove the column, or put the office's number in place of a person's."),
    ),
    "postcode-address": Explanation(
        N_("Home addresses"),
        N_("The rows hold a full postcode with a house number and street, and so point at one door."),
        N_("Leave out the house number, or shorten the postcode to its first half."),
    ),
    "ni-number": Explanation(
        N_("National Insurance numbers"),
        N_("The column holds what look like National Insurance numbers. They must never be published."),
        N_("Remove the column, and find out whether it was published before."),
    ),
    "nhs-number": Explanation(
        N_("NHS numbers"),
        N_("The column holds numbers with the length and check digit of NHS numbers. They must never be published."),
        N_("Remove the column, and find out whether it was published before."),
    ),
}

# Frictionless error types: what is wrong with a row, a cell or a column's name.
ERRORS = {
    "type-error": Explanation(
        N_("A value of the wrong kind"),
        N_("The cell is not of the kind its column should hold: a word where a number or a date belongs, say."),
        N_("Correct the cell. Write dates as 2026-03-31, and numbers without a currency sign or thousands commas."),
    ),
    "constraint-error": Explanation(
        N_("A value that is not allowed"),
        N_("The cell breaks a rule of its column: it is missing, too small, too long, or not on the list of values."),
        N_("Correct the cell so that it keeps the rule shown beside the fault."),
    ),
    "unique-error": Explanation(
        N_("A value that is there twice"),
        N_("Every row should have its own value in this column, and an earlier row has the same."),
        N_("Remove the repeated row, or correct the value."),
    ),
    "primary-key": Explanation(
        N_("A row that cannot be told apart"),
        N_("The columns that identify a row are blank, or the same as in an earlier row."),
        N_("Remove the repeated row, or give it its own identifier."),
    ),
    "foreign-key": Explanation(
        N_("A reference that leads nowhere"),
        N_("The row refers to another row that does not exist."),
        N_("Correct the reference, or add the row it refers to."),
    ),
    "extra-cell": Explanation(
        N_("A cell too many"),
        N_("The row has more cells than there are columns. Often a comma inside a text is not in quotation marks."),
        N_("Put texts that hold commas in quotation marks, or remove the extra cell."),
    ),
    "missing-cell": Explanation(
        N_("A cell too few"),
        N_("The row ends before the last column."),
        N_("Fill the row up to the last column; blank cells still need their commas."),
    ),
    "blank-row": Explanation(
        N_("A blank row"),
        N_("There is nothing in the row."),
        N_("Delete the row; also below the last row of data."),
    ),
    "blank-label": Explanation(
        N_("A column without a name"),
        N_("The header has a blank cell."),
        N_("Give the column a name, or delete it if it is empty."),
    ),
    "duplicate-label": Explanation(
        N_("Two columns of the same name"),
        N_("The header has this name more than once."),
        N_("Give every column a name of its own."),
    ),
    "extra-label": Explanation(
        N_("A column that is not expected"),
        N_("The file has a column that the schema does not know."),
        N_("Remove the column, or have the schema changed if it is to stay."),
    ),
    "missing-label": Explanation(
        N_("A column is missing"),
        N_("The schema expects a column that the file does not have."),
        N_("Add the column; check its spelling, small and capital letters too."),
    ),
    "incorrect-label": Explanation(
        N_("A column with another name"),
        N_("The column in this place is not called what the schema expects."),
        N_("Rename the column, or put the columns in the schema's order."),
    ),
    "blank-header": Explanation(
        N_("The header is blank"),
        N_("The row that should name the columns is empty."),
        N_("Put the names of the columns in the first row."),
    ),
    "unmatched-header": Explanation(
        N_("None of the columns is expected"),
        N_("The header shares no name with the schema. It may be the wrong file, or have no header."),
        N_("Check that it is the right file and schema, and that the first row names the columns."),
    ),
    "duplicate-row": Explanation(
        N_("A row that is there twice"),
        N_("An earlier row has the same values in every column."),
        N_("Delete the repeated row."),
    ),
    "row-constraint": Explanation(
        N_("A row that breaks a rule"),
        N_("The row's cells contradict each other by a rule of the schema."),
        N_("Correct the row so that it keeps the rule."),
    ),
    "field-count": Explanation(
        N_("The wrong number of columns"),
        N_("The file does not have as many columns as was stated."),
        N_("Check that the export is complete."),
    ),
    "row-count": Explanation(
        N_("The wrong number of rows"),
        N_("The file does not have as many rows as was stated."),
        N_("Check that the export is complete."),
    ),
    "byte-count": Explanation(
        N_("The wrong size"),
        N_("The file does not have as many bytes as was stated."),
        N_("Publish the file again; it may have been cut off."),
    ),
    "hash-count": Explanation(
        N_("The wrong checksum"),
        N_("The file is not the one that the stated checksum was made from."),
        N_("Publish the file and its checksum again."),
    ),
    "table-dimensions": Explanation(
        N_("The wrong size of table"),
        N_("The table has too few or too many rows or columns."),
        N_("Check that the export is complete."),
    ),
    "truncated-value": Explanation(
        N_("A value that seems cut off"),
        N_("The cell is exactly as long, or as large, as a well-known limit of databases."),
        N_("Check the value where the data is kept."),
    ),
    "forbidden-value": Explanation(
        N_("A forbidden value"),
        N_("The cell holds a value that the schema forbids."),
        N_("Correct the cell."),
    ),
    "sequential-value": Explanation(
        N_("A gap in a sequence"),
        N_("The column should count up one by one, and here it does not."),
        N_("Check for rows that are missing or in the wrong order."),
    ),
    "ascii-value": Explanation(
        N_("A letter beyond ASCII"),
        N_("The cell holds letters that this column may not have."),
        N_("Replace the letters, or have the rule lifted."),
    ),
    "deviated-value": Explanation(
        N_("A value far from the others"),
        N_("The value lies far from the column's average."),
        N_("Check the value where the data is kept."),
    ),
    "deviated-cell": Explanation(
        N_("A cell much longer than the others"),
        N_("The cell's text is much longer than is usual in its column."),
        N_("Check for a quotation mark that was opened and never closed."),
    ),
    "required-value": Explanation(
        N_("A value that must be there is not"),
        N_("The column lacks a value that the schema asks for."),
        N_("Add the row with that value."),
    ),
}

EXPLANATIONS = {**REASONS, **FETCHING, **FINDINGS, **ERRORS, **READING_ERRORS, **SCHEMA}
