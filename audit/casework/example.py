"""The example carrier, which lies in the wheel and, where there is a checkout, in its examples."""

from pathlib import Path

import consent_schemas

_CHECKOUT = Path(__file__).parents[2]


def example_export() -> Path | None:
    """The folder of the example's tables; None where the installation came without it."""
    packaged = Path(str(consent_schemas.path("examples", "small_carrier")))
    places = (packaged, _CHECKOUT / "examples" / "small_carrier")
    return next((place for place in places if (place / "flows.csv").is_file()), None)
