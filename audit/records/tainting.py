"""What the rejected rows of the registers taint (semantics, section 1)."""

import polars as pl

from audit.records.checked import Taints
from audit.records.holding import Held
from audit.vocabulary import Vocabulary

_SUBJECT = "subject_id"


def taints(parties: Held, consents: Held, evidence: Held, vocabulary: Vocabulary) -> Taints:
    """What rejected rows name; where one may name anyone, everyone."""
    return Taints(
        consent_subjects=_named_by(consents),
        evidence_subjects=_named_by(evidence),
        evidence_ids=_ids(evidence),
        parties=_ids(parties),
        all_consent_subjects=_unreadable(consents),
        all_evidence_subjects=_unreadable(evidence) or _for_anyone(evidence, vocabulary),
    )


def _ids(held: Held) -> frozenset[str]:
    return frozenset(held.frame.filter(held.struck)[held.table.key])


def _named_by(held: Held) -> frozenset[str]:
    """The subjects that rejected rows name legibly."""
    legible = held.frame.filter(held.struck & ~held.struck_in(_SUBJECT))
    return frozenset(legible[_SUBJECT].drop_nulls())


def _unreadable(held: Held) -> bool:
    """Whether a rejected row's subject cannot be read, or is everyone (`*`)."""
    return bool(held.struck_in(_SUBJECT).any())


def _for_anyone(held: Held, vocabulary: Vocabulary) -> bool:
    """Whether a rejected row names nobody and is not of a kind that may: it was of anyone."""
    optional = [kind for kind, how in vocabulary.evidence_kinds.items() if how.subject_optional]
    lost = held.frame.filter(held.struck & pl.col(_SUBJECT).is_null())
    return bool((~lost["kind"].is_in(optional).fill_null(False)).any())
