"""Why a GeoPackage did not pass. Its layers are called what they are, and not sheets."""

from __future__ import annotations

from .explanation import N_, Explanation

GEOPACKAGE = {
    "several-layers": Explanation(
        N_("The GeoPackage holds more than one layer"),
        N_("Only one layer was checked. The other layers, tables or views in the file were not looked at."),
        N_("Publish each layer as a file of its own, or look at the others yourself and release the file."),
    ),
    "no-layer": Explanation(
        N_("The GeoPackage has no such layer"),
        N_("The recipe says which layer of the GeoPackage holds the table, and there is none of that name or number."),
        N_("Correct “sheet” in the recipe, or leave it out to read the first layer."),
    ),
    "no-contents": Explanation(
        N_("The GeoPackage does not say what it holds"),
        N_("Its list of layers or of their geometries is missing, or names something that is not there."),
        N_("Export the layer again as a GeoPackage, with QGIS or ogr2ogr for instance."),
    ),
    "computed-layer": Explanation(
        N_("The layer is computed, not stored"),
        N_("The layer is a view, or has columns that are computed. The check runs nothing that is written in a file."),
        N_("Export the layer to a new GeoPackage, so that its rows are stored as they are."),
    ),
    "broken-geometry": Explanation(
        N_("A geometry cannot be read"),
        N_("The place or shape in one row is damaged, or in another coordinate system than its layer."),
        N_("Correct the geometries, with “Fix geometries” in QGIS for instance, and export the layer again."),
    ),
}
