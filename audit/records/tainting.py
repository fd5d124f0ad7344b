"""What the rejected rows of the registers taint (semantics, section 1)."""

from collections.abc import Sequence

import polars as pl

from audit.records.checked import Taints
from audit.records.holding import Held
from audit.vocabulary import Vocabulary

_SUBJECT = "subject_id"


def taints(
    parties: Sequence[Held],
    consents: Sequence[Held],
    evidence: Sequence[Held],
    vocabulary: Vocabulary,
) -> Taints:
    """What rejected rows name; where one may name anyone, everyone."""
    return Taints(
        consent_subjects=_named_by(consents),
        evidence_subjects=_named_by(evidence),
        evidence_ids=_ids(evidence),
        parties=_ids(parties),
        all_consent_subjects=_unreadable(consents),
        all_evidence_subjects=_unreadable(evidence) or _for_anyone(evidence, vocabulary),
    )


def _ids(rows: Sequence[Held]) -> frozenset[str]:
    return frozenset(name for held in rows for name in held.frame[held.table.key])


def _named_by(rows: Sequence[Held]) -> frozenset[str]:
    """The subjects that rejected rows name legibly."""
    legible = (held.frame.filter(~held.struck_in(_SUBJECT)) for held in rows)
    return frozenset(name for frame in legible for name in frame[_SUBJECT].drop_nulls())


def _unreadable(rows: Sequence[Held]) -> bool:
    """Whether a rejected row's subject cannot be read, or is everyone (`*`)."""
    return any(held.struck_in(_SUBJECT).any() for held in rows)


def _for_anyone(rows: Sequence[Held], vocabulary: Vocabulary) -> bool:
    """Whether a rejected row names nobody and is not of a kind that may: it was of anyone."""
    optional = [kind for kind, how in vocabulary.evidence_kinds.items() if how.subject_optional]
    lost = pl.col(_SUBJECT).is_null() & ~pl.col("kind").is_in(optional).fill_null(False)
    return any(held.frame.select(lost.any()).item() for held in rows)
