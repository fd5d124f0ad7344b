"""Raw tables checked: the flows in batches, the registers as a whole.

The door of this package: what the rest of the audit needs of it is here.
"""

from collections.abc import Mapping

import polars as pl

from audit.problems import Problem
from audit.records import consents as consent_rows
from audit.records.checked import CheckedFile, FlowBatch, Registers, Taints, Told
from audit.records.flows import FlowBatches
from audit.records.registers import Register, read_register
from audit.records.rejecting import reasons
from audit.records.sifting import Mark
from audit.records.tables import CONSENTS, EVIDENCE, PARTIES, REGISTERS
from audit.records.tainting import taints
from audit.sources.export import Export
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT, Vocabulary

__all__ = [
    "REGISTERS",
    "CheckedFile",
    "FlowBatch",
    "FlowBatches",
    "Registers",
    "Taints",
    "Told",
    "check_registers",
    "flow_batches",
    "reasons",
]

_NONE: Mapping[str, CheckedFile] = {}


def flow_batches(
    export: Export,
    vocabulary: Vocabulary,
    exclude: frozenset[str] | None = None,
    checked: Mapping[str, CheckedFile] = _NONE,
) -> FlowBatches:
    """The flows, checked batch by batch; those whose id is in `exclude` are rejected.

    Told None, the pass remembers ids, so that it can tell which are repeated when it is through.
    Of `checked` files, by name, what an earlier run found is taken, and nothing is read.
    """
    return FlowBatches(export, vocabulary, exclude, checked)


def check_registers(export: Export, vocabulary: Vocabulary) -> Registers:
    """The three registers, checked; `vocabulary` knows the kinds of evidence that packs declare.

    Raises InputRefused where a file cannot be read, or the id of a rejected row.
    """
    parties = _without_impostors(read_register(PARTIES, export, vocabulary), vocabulary)
    consents = read_register(CONSENTS, export, vocabulary)
    evidence = read_register(EVIDENCE, export, vocabulary)
    registers = (parties, consents, evidence)
    known = parties.valid
    given = pl.concat(consent_rows.ready(part.valid) for part in consents.parts)
    return Registers(
        parties=known,
        consents=given,
        evidence=evidence.valid,
        taints=taints(parties.struck, consents.struck, evidence.struck, vocabulary),
        rejected=pl.concat([register.rejected for register in registers]),
        notices=(
            *(notice for register in registers for notice in register.notices),
            *consent_rows.hollow_notice(given),
        ),
        inputs=tuple(file for register in registers for file in register.inputs),
        unregistered_recipients=consent_rows.unregistered_recipients(
            given, known["party_id"], vocabulary.roles
        ),
        dropped={register.name: register.dropped for register in registers},
    )


def _without_impostors(parties: Register, vocabulary: Vocabulary) -> Register:
    """Parties named like a role, or CUSTOMER in another role, are at fault."""
    name, role = pl.col("party_id"), pl.col("role")
    customer = (name == CUSTOMER) & (role != ROLE_SUBJECT).fill_null(True)
    as_role = Problem("party-is-role", {"column": "party_id"})
    return parties.marked(
        Mark("party_id", as_role, name.is_in(vocabulary.roles)),
        Mark("role", Problem("customer-role", {"column": "role"}), customer),
    )
