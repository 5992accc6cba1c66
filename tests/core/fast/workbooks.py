"""Generated workbooks, as spreadsheets write them and as they should not, that try to make the two verdicts differ."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from cell_texts import TEXTS
from hypothesis import strategies as st

Json = dict[str, Any]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
    # style 1 is a date, 2 a length of time, 3 a number with two places
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="170" formatCode="[h]:mm"/></numFmts>'
    "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="2"/></cellXfs></styleSheet>',
}
NUMERALS = ["1", "0", "-3", "2024", "12.5", "1.0", "1.50", "45292", "45292.5", "45292.99999999999"]
NUMERALS += ["60", "1E3", "1e-05", "0.30000000000000004", "0.1000000000000000055", "12345678901234567890"]
NUMERALS += ["1.", ".5", "abc", "9999999", "0.5"]
RARE = [
    (' t="e"', "<v>#N/A</v>"),
    (' s="2"', "<v>1.5</v>"),
    (' t="b"', "<v>2</v>"),
    (' t="d"', "<v>2024-01-31</v>"),
    (' t="s"', "<v>999</v>"),
    (' t="inlineStr"', "<is><r><t>ri</t></r><r><t>ch</t></r></is>"),
    (' t="str"', "<v>&#65;&lt;&amp;lt;</v>"),
    (' s="9"', "<v>1</v>"),
    (' t="str"', "<v></v>"),
    (' t="n"', "<v/>"),
    (' t="s"', ""),
    (' t="inlineStr"', "<v>1</v>"),
    (' t="zz"', "<v>1</v>"),
    (' t="inlineStr"', "<is><t/></is>"),
]


@st.composite
def cells(draw: st.DrawFn, field: Json) -> tuple[str, str]:
    """A cell's attributes and content; mostly of a kind that suits its field."""
    kind = draw(st.sampled_from(["n", "n", "s", "s", "inlineStr", "str", "b", "d", "none", "suits", "suits", "suits"]))
    text = escape(draw(st.sampled_from(TEXTS[field["type"]])))
    if kind == "suits":
        kind = {"integer": "n", "number": "n", "year": "n", "boolean": "b", "date": "d", "datetime": "d"}.get(
            field["type"], "s"
        )
    rare = draw(st.integers(0, 60))
    if rare == 0:
        return draw(st.sampled_from(RARE))
    formula = "<f>A1+1</f>" if draw(st.integers(0, 9)) == 0 else ""
    match kind:
        case "n":
            style = draw(st.sampled_from(["", "", ' s="0"', ' s="3"', ' t="n"']))
            return style, f"{formula}<v>{draw(st.sampled_from(NUMERALS[:9] if rare < 50 else NUMERALS))}</v>"
        case "d":
            return ' s="1"', f"{formula}<v>{draw(st.sampled_from(['45292', '45293', '45292.5', '61', *NUMERALS]))}</v>"
        case "b":
            return ' t="b"', f"<v>{draw(st.sampled_from('01'))}</v>"
        case "inlineStr":
            return ' t="inlineStr"', f"<is><t>{text}</t></is>"
        case "str":
            return ' t="str"', f"{formula}<v>{text}</v>"
        case "s":
            return ' t="s"', f"<v>{text}</v>"  # becomes a number when the table of texts is known
    return "", ""


@st.composite
def workbooks(draw: st.DrawFn, schema: Json) -> dict[str, str]:
    """The parts of a workbook whose first sheet is meant to follow a schema."""
    header = [(' t="s"', f"<v>{escape(field['name'])}</v>") for field in schema["fields"]]
    if draw(st.integers(0, 9)) == 0:
        header = header[:-1]
    rows = [header]
    for _ in range(draw(st.integers(0, 14))):
        row = [draw(cells(field)) for field in schema["fields"]]
        width = draw(st.integers(0, 30))
        row = row[:-1] if width == 0 else [*row, ("", "<v>7</v>")] if width == 1 else row
        rows.append(row if width != 2 else [])
    oddity = draw(
        st.sampled_from(
            [""] * 14 + ["gap", "unplaced", "space", "comment", "cdata", "return", "tail", "nul", "twisted"]
        )
    )
    texts: dict[str, int] = {}
    lines, number = [], 0
    for row in rows:
        number += 2 if oddity == "gap" and number == 2 else 1
        lines.append(_row(number, row, texts, oddity, draw(st.booleans())))
    widest = max(len(row) for row in rows) or 1
    dimension = draw(
        st.sampled_from([(widest, number), (widest, number), None, (widest + 1, number), (widest, number + 2), (1, 1)])
    )
    head = f'<dimension ref="A1:{_letter(dimension[0] - 1)}{dimension[1]}"/>' if dimension else ""
    between = {"space": "\n ", "comment": "<!-- x -->", "return": "\r\n", "nul": "\x01"}.get(oddity, "")
    tail = {"tail": "<sheetProtection><bad"}.get(
        oddity,
        draw(st.sampled_from(["", "<pageMargins left='1' right='1' top='1' bottom='1' header='1' footer='1'/>"])),
    )
    sheet = f'<worksheet xmlns="{MAIN}">{head}<sheetData>{between.join(lines)}</sheetData>{tail}</worksheet>'
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return {
        **PARTS,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def write(path: Path, parts: dict[str, str]) -> None:
    """Packs the parts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def _row(number: int, row: list[tuple[str, str]], texts: dict[str, int], oddity: str, closed: bool) -> str:
    if not row:
        return f'<row r="{number}" ht="15"/>' if closed else f'<row r="{number}"></row>'
    found = ""
    for column, (attributes, content) in enumerate(row):
        if not attributes and not content:
            if closed:
                continue
            found += f'<c r="{_letter(column)}{number}" s="3"/>'
            continue
        if attributes == ' t="s"' and content not in ("", "<v>999</v>"):
            text = content.removeprefix("<v>").removesuffix("</v>")
            content = f"<v>{texts.setdefault(text, len(texts))}</v>"
        place = "" if oddity == "unplaced" and column == 1 else f' r="{_letter(column)}{number}"'
        if oddity == "twisted" and column == 0:
            place = f' r="A{number + 1}"'
        found += f"<c{place}{attributes}>{content}</c>" if content else f"<c{place}{attributes}/>"
    if oddity == "cdata":
        found = found.replace("<v>7</v>", "<v><![CDATA[7]]></v>")
    return f'<row r="{number}" spans="1:{len(row)}">{found}</row>'


def _letter(column: int) -> str:
    return chr(65 + column)
