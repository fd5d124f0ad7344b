"""A duty in sentences: what raises it, until when it is due, what fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.clauses.duty import DutyEvent
from audit.clauses.sentences import in_words
from audit.vocabulary import Listing, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audit.clauses.clause import Condition
    from audit.clauses.duty import Duty


def duty_lines(duty: Duty, language: Language) -> tuple[str, ...]:
    """The duty line by line, generated from what computes it: when, until when, by what, why so."""
    told = [
        phrase("duties-case-arises", language, arises=arises_told(duty, language)),
        phrase("duties-case-counted", language, due=due_told(duty, language)),
        phrase("duties-case-fulfilled", language, fulfilled=fulfilled_told(duty, language)),
    ]
    if duty.note:
        told.append(phrase("duties-case-note", language, note=duty.note.into(language)))
    return tuple(told)


def arises_told(duty: Duty, language: Language) -> str:
    """What raises it."""
    arises = duty.arises
    kind = "relation" if duty.per_relation else arises.event.value
    standing = ((Listing.roles, arises.role), (Listing.legal_roles, arises.legal_role))
    roles = [_labels(listing, codes, language) for listing, codes in standing if codes]
    event = phrase(
        f"duty-arises-{kind}",
        language,
        flow=_flow(arises.flow, language),
        kind=_labels(Listing.evidence_kinds, [arises.evidence or ""], language),
        roles=phrase("clause-conditions", language).join(roles)
        or phrase("duty-arises-anybody", language),
    )
    if arises.earlier is None:
        return event
    earlier = _flow(arises.earlier, language)
    return phrase("duty-arises-earlier", language, event=event, flow=earlier)


def due_told(duty: Duty, language: Language) -> str:
    """Until when it is due, and how that is counted."""
    due = duty.due
    if due.since is not None:
        since = _labels(Listing.evidence_kinds, [due.since], language)
        return phrase("duty-due-since", language, since=since)
    if due.days is not None:
        return phrase("duty-due-days", language, days=due.days)
    if due.hours is not None:
        return phrase("duty-due-hours", language, hours=due.hours)
    return phrase("duty-due-before", language)


def fulfilled_told(duty: Duty, language: Language) -> str:
    """What fulfils it; of several acts either will do."""
    return phrase("duty-acts-either", language).join(_acts(duty, language))


def _acts(duty: Duty, language: Language) -> Iterator[str]:
    done = duty.fulfilled
    if done.evidence:
        issuer = f"-{done.issued_by}" if done.issued_by else _owed_to(duty)
        kinds = _labels(Listing.evidence_kinds, done.evidence, language)
        told = phrase(f"duty-acts-evidence{issuer}", language, kinds=kinds)
        yield phrase("duty-acts-named", language, evidence=told) if done.names_party else told
    if done.flow is not None:
        end = f"-{done.party}" if done.party else ""
        yield phrase(f"duty-acts-flow{end}", language, flow=_flow(done.flow, language))


def _owed_to(duty: Duty) -> str:
    """Whose evidence is asked for, where who issued it is not."""
    names_nobody = duty.per_relation or duty.arises.event is DutyEvent.AGREEMENT_ENDS
    return "-nobody" if names_nobody else ""


def acts_told(duty: Duty, language: Language) -> str:
    """What fulfils it in few words, for a sentence that has more to say."""
    done, told = duty.fulfilled, []
    if done.evidence:
        kinds = _labels(Listing.evidence_kinds, done.evidence, language)
        told.append(phrase("duty-act-evidence", language, kinds=kinds))
    if done.flow is not None:
        told.append(phrase("duty-act-flow", language))
    return phrase("duty-act-or", language).join(told)


def _flow(conditions: Iterable[Condition], language: Language) -> str:
    told = phrase("clause-conditions", language).join(
        in_words(each, language) for each in conditions
    )
    return told or phrase("duty-any-flow", language)


def _labels(listing: Listing, codes: Iterable[str], language: Language) -> str:
    label = load_vocabulary().label
    told = (label(listing, code).into(language) for code in codes)
    return phrase("clause-codes", language).join(told)
