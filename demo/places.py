"""Which sensors Aberfal has, where they hang and what they measure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .readings import Stream, broken, cycles, fine_particles, nitrogen_dioxide, vehicles

POLLUTANT = "http://dd.eionet.europa.eu/vocabulary/aq/pollutant"
MICROGRAMS = {"name": "microgram per cubic metre", "symbol": "ug/m3", "definition": "https://ucum.org/"}
COUNT = {"name": "count", "symbol": "1", "definition": "https://ucum.org/"}


@dataclass(frozen=True)
class Place:
    """One Thing; coordinates are degrees (WGS84) and lie in the sea."""

    id: int | str
    name: str
    description: str
    longitude: float
    latitude: float
    streams: tuple[Stream, ...]
    licence: str = ""


no2 = partial(
    Stream, observed="nitrogen dioxide", definition=f"{POLLUTANT}/8", unit=MICROGRAMS, sensor="electrochemical cell"
)
pm25 = partial(Stream, observed="PM2.5", definition=f"{POLLUTANT}/6001", unit=MICROGRAMS, sensor="optical counter")
flow = partial(
    Stream,
    definition="https://roadtraffic.dft.gov.uk/about",
    unit=COUNT,
    sensor="induction loop",
    whole=True,
)

PLACES = (
    Place(
        101,
        "Air quality, Stryd y Cei",
        "A sensor on a lamp post of Aberfal's busiest street. Yn Gymraeg: Ansawdd aer, Stryd y Cei.",
        -4.3526,
        52.3048,
        (
            no2(1011, "Nitrogen dioxide, Stryd y Cei", curve=nitrogen_dioxide, level=1.2),
            pm25(1012, "PM2.5, Stryd y Cei", curve=fine_particles, level=1.1),
        ),
    ),
    Place(
        102,
        "Air quality, Ysgol y Glannau",
        "A sensor at the gate of a primary school. Yn Gymraeg: Ansawdd aer, Ysgol y Glannau.",
        -4.3441,
        52.3019,
        (
            no2(1021, "Nitrogen dioxide, Ysgol y Glannau", curve=nitrogen_dioxide, level=0.7),
            pm25(1022, "PM2.5, Ysgol y Glannau", curve=fine_particles),
        ),
    ),
    Place(
        103,
        "Air quality, Parc y Castell",
        "Background air, far from any road; run by volunteers. Yn Gymraeg: Ansawdd aer, Parc y Castell.",
        -4.3477,
        52.3020,
        (
            no2(1031, "Nitrogen dioxide, Parc y Castell", curve=nitrogen_dioxide, level=0.4),
            pm25(1032, "PM2.5, Parc y Castell", curve=fine_particles, level=0.8),
        ),
        licence="CC-BY-4.0",
    ),
    Place(
        "harbour-office",
        "Air quality, Swyddfa'r Harbwr",
        "A sensor that is out of order. Yn Gymraeg: Ansawdd aer, Swyddfa'r Harbwr.",
        -4.3509,
        52.3043,
        (no2(1041, "Nitrogen dioxide, Swyddfa'r Harbwr", curve=broken),),
    ),
    Place(
        201,
        "Traffic counter, Pont Aberfal",
        "Vehicles and cycles over the bridge, both ways. Yn Gymraeg: Cyfrif traffig, Pont Aberfal.",
        -4.3498,
        52.3027,
        (
            flow(2011, "Vehicles, Pont Aberfal", observed="vehicles", curve=vehicles),
            flow(2012, "Cycles, Pont Aberfal", observed="cycles", curve=cycles),
        ),
    ),
    Place(
        202,
        "Cycle counter, Llwybr y Glannau",
        "Cycles on the path along the beach, both ways. Yn Gymraeg: Cyfrif beiciau, Llwybr y Glannau.",
        -4.3602,
        52.3110,
        (flow(2021, "Cycles, Llwybr y Glannau", observed="cycles", curve=cycles, level=1.6),),
    ),
)
