"""How each real file ends where the index has no verdict of Frictionless, or ours is another, and why that is right.

A line is a pattern for paths below the folder of cases, the outcome, and the reason in a sentence. Counts are of all
faults. The last line that fits counts; lines that fit nothing, or say no more than INDEX.tsv, are a fault of the test.
"""

from __future__ import annotations

ABOVE = "A title and blank cells stand above the header: the gate takes the row with the names for the header."
ARCHIVE = "Frictionless reads one file of an archive, or none; the gate checks every table in it."
BLANK = "Blank text before the header of two rows: the gate takes the second of them, which is full, and says so."
CLAIM = "It is not what its name says."
DESCRIPTION = "An object with settings, not a table."
EMPTY = "There is nothing in it; the gate's word for that is not Frictionless's."
ENCODING = (
    "Frictionless guesses the encoding from the beginning; the gate reads the file to its end and finds Windows-1252."
)
HEADER_AGAIN = "Rows that repeat the header are data to Frictionless; whether they are meant, a person must say."
LIST = "A list of objects is a table."
NO_ROWS = "A header alone is valid to Frictionless; whether a table may be empty, a person must say."
PACKED = "The gate unpacks gzip and zip only."
PAGE = "A web page that says so is what it claims to be, and no table."
PERSON = "It holds what may be personal data, so that a person must decide."
PROSE = "Text without columns, in which nothing personal was found."
SHEETS = "The workbook has more than one sheet with something in it, and only the first was checked."
TABLE = "INDEX.tsv states no verdict; it is a plain table."

POLLOCK, QA = "*Pollock/*", "council_csv/ckan__ckanext-qa/*"
OUTCOMES = [
    # described, not data
    ("*_parameters.json", "held: cannot-check", DESCRIPTION),
    ("council_csv/datagouv__csv-detective/*/a_test_file.json", "held: cannot-check", DESCRIPTION),
    ("council_csv/digital-land__brownfield-resources/*/test_result.json", "held: cannot-check", DESCRIPTION),
    ("*package.json", "held: cannot-check", DESCRIPTION),
    ("nasty/max-mapper__csv-spectrum/json/*.json", "passed", LIST),
    ("nasty/max-mapper__csv-spectrum/json/location_coordinates.json", "held: cannot-check", DESCRIPTION),
    # a header that is not in the first row
    ("*/clean/nati-clin-audi-bowe-canc-2017-tran-main-fiel-list.csv", "failed: blank-label 1", ABOVE),
    ("*/csv/20170320-ePC_Data-Travel-Stationery.csv", "failed: blank-row 2", ABOVE),
    ("*/csv/Note_4_Staff_costs_*", "failed: blank-row 1, duplicate-label 1", ABOVE),
    ("*/csv/Wakefield Council *", "failed: blank-label 6, blank-row 133, type-error 6", ABOVE),
    ("*/csv/epcs-dwp-cmg-spend-july-2017.csv", "failed: blank-label 1, blank-row 93", ABOVE),
    ("*/csv/workforce-management-*", "failed: blank-label 4, blank-row 36, duplicate-label 7", BLANK),
    ("*/data/9_sus_fisheries_201003.csv", "passed", ABOVE),
    ("*/jungle/gla-2011-12-P13-500.csv", "failed: blank-label 2, blank-row 11, type-error 2", ABOVE),
    ("*/jungle/gla-2012-13-P10-250.csv", "failed: blank-label 1, blank-row 3", ABOVE),
    ("*/jungle/gla-december_2009.csv", "failed: blank-row 1", ABOVE),
    ("*/csv/all-strings-skip-header-author.csv", "passed", ABOVE),
    ("*/data/issue-1024.xlsx", "failed: blank-row 4, duplicate-label 43", ABOVE),
    ("*/data/issue-320.xlsx", "failed: blank-row 4, duplicate-label 43", ABOVE),
    ("*/data/skip-rows-before-headers.csv", "passed", ABOVE),
    ("sensor_csv/*/elec00.csv", "failed: type-error 1921", ABOVE),
    # several tables in one file
    ("*/decc_local_authority_data_xlsx.xlsx", "held: several-sheets", SHEETS),
    ("*/data/file.xlsx", "held: several-sheets", SHEETS),
    ("*/data/xlsx_file", "held: several-sheets", SHEETS),
    ("*/jungle/multilingual.xlsx", "held: several-sheets", SHEETS),
    ("*/data/cycle-area-list.csv.zip", "passed", ARCHIVE),
    ("*/data/written_complains.csv.zip", "passed", ARCHIVE),
    ("feeds/*/package-invalid.zip", "failed: blank-row 2, primary-key 1", ARCHIVE),
    (
        "feeds/*/ogd10_catalogs.zip",
        "failed: blank-row 1, duplicate-label 1, extra-cell 1, missing-cell 1, type-error 1",
        ARCHIVE,
    ),
    # the header again among the rows
    ("*csv-detective/*/a_test_file.csv", "held: repeated-header", HEADER_AGAIN),
    ("*/csv/file_header_multirow_2.csv", "held: repeated-header", HEADER_AGAIN),
    ("*/csv/file_multitable_same.csv", "held: repeated-header", HEADER_AGAIN),
    # no rows, or nothing at all
    ("*/samples/no_entries.csv", "held: no-rows", NO_ROWS),
    ("*/data/organisation.csv", "held: no-rows", NO_ROWS),
    ("feeds/*/multipart/data.part2.csv", "held: no-rows", NO_ROWS),
    ("*/file_header_only.csv", "held: no-rows", NO_ROWS),
    ("*/data/merged-cells.xlsx", "held: no-rows", NO_ROWS),
    ("*/data/without-rows.csv", "held: no-rows", NO_ROWS),
    ("*/data/without-rows.csv.zip", "held: no-rows", NO_ROWS),
    ("nasty/*/data/empty.csv", "error: empty", EMPTY),
    ("nasty/*/csv/empty.csv", "error: empty", EMPTY),
    ("*/clean/file_no_payload.csv", "error: empty", EMPTY),
    ("pii/*/empty.txt", "error: empty", EMPTY),
    # not what it says it is
    (
        "*/csv/05_spend_over_25k_2014_may.csv",
        "error: lfs-pointer",
        "Frictionless takes a pointer of Git LFS for a table.",
    ),
    ("*_intentionally_misl*.csv", "error: format-mismatch", CLAIM),
    ("*/csv/iris_intentionally_mislabled_file.*", "error: format-mismatch", CLAIM),
    ("*/parquet/nation.plain.intentionally_mislabled_file.csv", "error: format-mismatch", CLAIM),
    ("*/hmt/invalid_excel.xlsx", "error: format-mismatch", CLAIM),
    ("*/tests/data/file.xls", "error: format-mismatch", CLAIM),
    (
        f"{QA}/August-2010.xls",
        "failed: blank-label 2",
        "An Excel file from before there were workbooks; INDEX.tsv takes it for opaque.",
    ),
    # encodings
    ("*/hmt/BIS_spending_over__25_000_July_2014.masked.csv", "failed: blank-row 251", ENCODING),
    ("*/csv/iris-utf-32.csv", "failed: type-error 1", "Frictionless takes the mark of UTF-32 for that of UTF-16."),
    (
        "council_csv/odileeds__business-rates/header.csv",
        "error: mixed-encoding",
        "It begins with the mark of UTF-8 and has a pound sign in Windows-1252.",
    ),
    # other formats
    ("*.html", "held: cannot-check", PAGE),
    ("*.xml", "held: cannot-check", "XML is not checked yet."),
    ("*.xml.zip", "held: cannot-check", "XML is not checked yet."),
    ("*.ttl", "held: cannot-check", "RDF is not checked yet."),
    ("*.csv.bz2", "held: cannot-check", PACKED),
    ("*.csv.xz", "held: cannot-check", PACKED),
    (
        "*/data/charge_points.json",
        "held: cannot-check",
        "Its table lies two levels deep, in a list called ChargeDevice.",
    ),
    ("*/invalid.geojson", "failed: type-error 1", "Its coordinates are words."),
    ("*/valid.geojson", "passed", TABLE),
    ("*/polling_locations.geojson", "passed", TABLE),
    ("*.parquet", "passed", TABLE),
    ("*/csv/iris_intentionally_mislabled_file.parquet", "error: format-mismatch", CLAIM),
    ("*/tests/data/csv_file", "passed", TABLE),
    ("*/data/issue-647.csv.txt", "passed", TABLE),
    # text
    (
        "*/csv/multiple-col-delimiter-last.txt",
        "failed: blank-label 1",
        "Each line ends in a delimiter, the header too.",
    ),
    ("*/csv/quote-test-singlequote.txt", "held: cannot-check", PROSE),
    ("*/csv/sparse-first-and-last-column-*.txt", "passed", ABOVE),
    ("*/txt/*.txt", "held: cannot-check", PROSE),
    # personal data
    ("nasty/derived/formula-injection.csv", "held: personal-data", PERSON),
    ("pii/ankane__pdscan/testdata/email*", "held: personal-data", PERSON),
    ("pii/ankane__pdscan/testdata/email.tar.gz", "held: cannot-check", PACKED),
    ("pii/*/min-count.txt", "held: personal-data", PERSON),
    ("pii/*/url.txt", "held: personal-data", PERSON),
]
