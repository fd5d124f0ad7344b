"""The example is found in a checkout, and the wheel is told to carry it where it is looked for."""

import tomllib

from audit.casework.example import example_export
from tests.commanding import HOUSE


def test_the_example_is_found() -> None:
    found = example_export()
    assert found is not None
    assert {"flows.csv", "parties.csv", "consents.csv", "evidence.csv"} <= {
        file.name for file in found.iterdir()
    }


def test_the_wheel_carries_it_where_it_is_looked_for() -> None:
    told = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    included = told["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["examples/small_carrier"] == "consent_schemas/examples/small_carrier"
