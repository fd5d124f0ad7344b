"""Where the flows of a run are judged, which is no part of what comes out."""

from enum import StrEnum


class Engine(StrEnum):
    """One process, or the workers of an engine that spreads work over machines."""

    local = "local"
    spark = "spark"
    daft = "daft"
