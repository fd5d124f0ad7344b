"""The page on the speed, from what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

_PAGE = """\
# How fast it is

Written by `make bench` on {date}: {cores} cores of {model}, {memory:.0f} GB, Python {python}.
Medians of {times} runs; only the ratios within one table are worth comparing between machines.

The export is made by `tests/benchmarks/generate.py` from `tests/benchmarks/scenarios.toml`:
{flows:,} flows, 300 parties, 1 million subjects, 2 million consents, 200,000 rows of evidence,
3 % of the flows faulty; Parquet. Every clause of the agreement's pack decides some of them.

## The whole process

| | CPU s | wall s | flows/s | peak MB | CPU over the floor |
| --- | ---: | ---: | ---: | ---: | ---: |
| floor: every column read, an id and a word written | {floor} | 1.0 |
| `consent-audit run`: checks, verdicts, graph, files; the registers as an earlier run kept them | \
{product} | {over:.1f} |
| the same with `--no-cache`: the registers read, checked and compiled | {cold} | {over_cold:.1f} |

## Against plain Python, one flow after the other

A sample of {sample:,} flows, with only the rows of the registers that these need; the verdicts and
the deciding clauses were the same. The interpreter is the one that the tests hold the engine to: it
is written to be read, not to be fast.

| | flows per CPU s | the product does so many times more |
| --- | ---: | ---: |
| jsonschema checks each flow | {validating} |
| the reference interpreter judges it | {judging} |
| networkx takes its edges | {edges} |
| the three together | {loop} |
| `consent-audit run`, everything | {whole:,.0f} | 1.0 |

## Checking alone

The product compiles the same JSON Schema; its figure includes reading the file and giving every
cell its type. Both found the same flows faulty.

| | flows per CPU s | |
| --- | ---: | ---: |
| jsonschema, the schema in force on {validated:,} flows | {jsonschema:,.0f} | 1.0 |
| the compiled schema, on all flows | {compiled:,.0f} | {faster:,.0f} |
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU seconds over all cores, seconds by the clock, its peak of memory."""

    cpu: float
    wall: float
    peak_mb: float


@dataclass(frozen=True)
class Machine:
    """Where it was measured; memory in GB."""

    model: str
    cores: int
    memory: float
    python: str


@dataclass(frozen=True)
class Measured:
    """Everything that was measured; the peers' figures are as `peers.py` prints them."""

    flows: int
    times: int
    floor: Cost
    product: Cost
    cold: Cost
    loop: Mapping[str, float]
    validation: Mapping[str, float]


def page(measured: Measured, machine: Machine, date: str) -> str:
    """The page, in Markdown."""
    loop, validation = measured.loop, measured.validation
    whole = measured.flows / measured.product.cpu
    steps = {step: loop[step] for step in ("validating", "judging", "edges")}
    rates = {step: loop["flows"] / seconds for step, seconds in steps.items()}
    rates["loop"] = loop["flows"] / sum(steps.values())
    plain = validation["flows"] / validation["jsonschema"]
    compiled = validation["checked"] / validation["product"]
    return _PAGE.format(
        **vars(machine),
        date=date,
        times=measured.times,
        flows=measured.flows,
        floor=_row(measured.floor, measured.flows),
        product=_row(measured.product, measured.flows),
        over=measured.product.cpu / measured.floor.cpu,
        cold=_row(measured.cold, measured.flows),
        over_cold=measured.cold.cpu / measured.floor.cpu,
        sample=int(loop["flows"]),
        whole=whole,
        **{step: f"{rate:,.0f} | {whole / rate:,.1f}" for step, rate in rates.items()},
        validated=int(validation["flows"]),
        jsonschema=plain,
        compiled=compiled,
        faster=compiled / plain,
    )


def _row(cost: Cost, flows: int) -> str:
    return f"{cost.cpu:.2f} | {cost.wall:.2f} | {flows / cost.wall:,.0f} | {cost.peak_mb:,.0f}"
