"""Faults of a Table Schema itself in plain English. The rules are those of ``core/validate/schema_report.py``."""

from __future__ import annotations

from .explanation import N_, Explanation

SCHEMA = {
    "schema-error": Explanation(
        N_("The schema is not built as it should be"),
        N_("A part of the schema is missing, or is not of the kind that the Table Schema standard asks for."),
        N_("Correct the part that is named. The standard is at specs.frictionlessdata.io/table-schema."),
    ),
    "schema-required": Explanation(
        N_("“required” is in the wrong place"),
        N_("The schema says in the wrong place that a column must be filled, and so nothing would check it."),
        N_("Move “required” into the field's “constraints”, or let the recipe mend it with “repair_schema: true”."),
    ),
    "schema-type": Explanation(
        N_("A type or format that does not exist"),
        N_("The schema gives a column a type or a format that the Table Schema standard does not know."),
        N_("Use a type of the standard, such as string, integer, number, date or boolean, and one of its formats."),
    ),
    "schema-constraint": Explanation(
        N_("A rule that cannot be applied"),
        N_("A rule of a column cannot be read, or does not exist for the column's type."),
        N_("Correct the rule, take it out, or give the column the type that has such a rule."),
    ),
    "schema-names": Explanation(
        N_("Fields that cannot be told apart"),
        N_("A field of the schema has no name, or has the same name as another."),
        N_("Give every field a name of its own, the one that stands in the file's header."),
    ),
    "schema-keys": Explanation(
        N_("A key that leads nowhere"),
        N_("A key of the schema names a column that the schema does not have, or pairs the wrong number of columns."),
        N_("Correct the names in the key: they must be written just like the names of the fields."),
    ),
    "schema-version": Explanation(
        N_("A newer standard is needed"),
        N_("The schema uses something that only version 2 of the standard has, but does not say that it follows it."),
        N_(
            "Add “$schema” with the address of version 2 (https://datapackage.org/profiles/2.0/tableschema.json), or "
            "leave the part out."
        ),
    ),
    "schema-example": Explanation(
        N_("An example that breaks its own rules"),
        N_("The example that the schema gives for a column is no value that the column accepts."),
        N_("Correct the example or the format. Often the date is written in another way than the format says."),
    ),
}
