"""How grave a finding is: legal weight, sensitivity of the data and volume, in whole points.

| points | legal weight             | sensitivity of the gravest category | volume          |
| 0      | a signal                 | not sensitive                       | below a tenth   |
| 1      | undecided, or a loose end| sensitive by context                | a tenth of tier |
| 2      | nothing allows it        | to be handled with more care        | a tier          |
| 3      | a clause forbids it      | sensitive by law, or unmapped       | -               |

critical from 6 points, high from 4, medium from 2, else low; only what weighs 2 or more is ever
critical, and where it touches the strictest tier (content of communication, credit, trace) it
always is. So a doubt is never critical, and more records never make a finding less grave.

Volume follows the tiers of article 5 of the 2017 interpretation on infringing personal information
(Fa Shi [2017] No. 10), halved as for data from one's own service: 25 items of the strictest tier,
250 of what is sensitive in any degree, 2,500 of the rest; `records` are added up per sender and
recipient. It is a signal of risk and says nothing of guilt. The whole customer base is of the
largest volume, however few records are told of it.

Of duties: one that was not done in time is high, and critical from the number of persons that the
tier of sensitive data asks for, or of the whole customer base; one that was done late is medium,
and high from there; where its doing or its arising is unknown it is low, and medium from there.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from audit.evaluation.duties import DutyState
from audit.findings.finding import Severity
from audit.vocabulary import Listing, Sensitivity, Vocabulary

STRICTEST, SENSITIVE, OTHER = "strictest", "sensitive", "other"
TIERS: Mapping[str, int] = {STRICTEST: 25, SENSITIVE: 250, OTHER: 2_500}
OF_EVERYBODY = max(TIERS.values())  # as many records as any tier asks for

_SENSITIVITY = {
    Sensitivity.no: 0,
    Sensitivity.conditional: 1,
    Sensitivity.heightened: 2,
    Sensitivity.yes: 3,
    None: 3,  # nothing is known of an unmapped category, so the worst is assumed
}
_CRITICAL, _HIGH, _MEDIUM = 6, 4, 2


class Weight(IntEnum):
    """What the law or the agreement has to say."""

    SIGNAL = 0
    OPEN = 1
    UNGROUNDED = 2
    FORBIDDEN = 3


def tier_of(category: str, vocabulary: Vocabulary) -> str | None:
    """The counting tier of a category, null for anonymous data; unmapped counts as sensitive."""
    entry = vocabulary.entries[Listing.categories].get(category)
    if entry is None:
        return SENSITIVE
    if entry.tier == "S":
        return STRICTEST
    if entry.tier == "-":
        return None
    return OTHER if entry.sensitive is Sensitivity.no else SENSITIVE


def severity(
    weight: Weight,
    categories: Iterable[str],
    volumes: Mapping[str, int],
    vocabulary: Vocabulary,
) -> Severity:
    """The severity by the table above; `volumes` are the records of each tier of the categories."""
    points = weight + _sensitivity(categories, vocabulary) + _volume(volumes)
    if weight >= Weight.UNGROUNDED and (points >= _CRITICAL or STRICTEST in volumes):
        return Severity.CRITICAL
    if points >= _HIGH:
        return Severity.HIGH
    return Severity.MEDIUM if points >= _MEDIUM else Severity.LOW


def duty_severity(state: str, cases: int, *, late: bool, whole_base: bool) -> Severity:
    """The severity of so many duties in this state."""
    many = whole_base or cases >= TIERS[SENSITIVE]
    if state != DutyState.BREACHED:
        return Severity.MEDIUM if many else Severity.LOW
    if late:
        return Severity.HIGH if many else Severity.MEDIUM
    return Severity.CRITICAL if many else Severity.HIGH


def _sensitivity(categories: Iterable[str], vocabulary: Vocabulary) -> int:
    return max((_SENSITIVITY[vocabulary.sensitivity(code)] for code in categories), default=0)


def _volume(volumes: Mapping[str, int]) -> int:
    return max((_tenths(records, TIERS[tier]) for tier, records in volumes.items()), default=0)


def _tenths(records: int, tier: int) -> int:
    return 2 if records >= tier else int(records * 10 >= tier)
