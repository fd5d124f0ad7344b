"""What is missing of a flow in sentences: which proof to get, and what it would bring."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from audit.clauses.clause import AFTER, Condition, Verdict
from audit.clauses.conditions import AGREEMENTS, CONSENTS, PROOF, WORDS, Argument
from audit.clauses.sentences import in_words
from audit.vocabulary import Listing, Truth, lineage, load_vocabulary
from audit.wording import Language, phrase, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from audit.evaluation.explaining import CategorySaid
    from audit.evaluation.missing import Missing, Proof, Settlement

_FEW = 8  # sets of proof that are told one by one
_COMPLIANT = (Verdict.PERMITTED, Verdict.EXCEPTED)


def requests(said: CategorySaid, language: Language) -> list[str]:
    """Sentences on what would decide the category, or on what would have to be otherwise."""
    missing = said.missing
    if said.verdict is Verdict.VIOLATION:
        told = [_otherwise(each, language) for each in missing.otherwise]
        return [_begun(each, language) for each in told]
    if said.verdict is not Verdict.INDETERMINATE:
        return []
    lines = [*_residual(missing, language), *_cases(missing, language), *_limits(missing, language)]
    return [_begun(each, language) for each in lines]


def _begun(told: str, language: Language) -> str:
    return told if language is Language.zh else told[0].upper() + told[1:]


def _residual(missing: Missing, language: Language) -> Iterator[str]:
    """Which unknown conditions decide it, and combined how."""
    clearing = [each for each in missing.settlements if each.verdict in _COMPLIANT]
    if not clearing:
        if missing.most is None:
            yield phrase("missing-none-clears", language)
        return
    told = [_joined(each.proofs, _asked, language) for each in clearing[:_FEW]]
    joined = phrase("missing-alternatives", language).join(dict.fromkeys(told))
    yield phrase("missing-turns-on", language, alternatives=joined)


def _cases(missing: Missing, language: Language) -> Iterator[str]:
    """Each set of proofs, with the verdict that it brings as they turn out."""
    groups = [list(each) for _, each in groupby(missing.settlements, key=_facts)]
    for settlements in groups[:_FEW]:
        told = [_case(each, settlements[0], language) for each in settlements]
        yield phrase("missing-cases", language).join(told)
    if len(groups) > _FEW:
        yield phrase("missing-more", language, count=len(groups) - _FEW)


def _facts(settlement: Settlement) -> tuple[str, ...]:
    return tuple(proof.fact for proof in settlement.proofs)


def _case(settlement: Settlement, first: Settlement, language: Language) -> str:
    """What comes of the proofs; that there is none is told shortly after what there may be."""
    proofs = settlement.proofs
    if settlement is not first and len(proofs) == 1 and proofs[0].truth is Truth.FALSE:
        kept = proofs[0].fact.startswith(PROOF) or proofs[0].fact in CONSENTS
        conditions = phrase("lacking-none" if kept else "lacking-not", language)
    else:
        conditions = _joined(proofs, _proved, language)
    verdict = phrase(f"settles-{settlement.verdict}", language)
    return phrase("missing-if", language, conditions=conditions, verdict=verdict)


def _limits(missing: Missing, language: Language) -> Iterator[str]:
    """What no proof settles, and what was not sought."""
    clauses: dict[Condition, list[str]] = {}
    for clause, line in missing.disputed:
        clauses.setdefault(line, []).append(clause)
    for line, names in clauses.items():
        word = "agreement" if line.word in AGREEMENTS else line.word
        key = f"disputed-{word}"
        listed = phrase("clause-list", language).join(names)
        if key in sentences():
            yield phrase(key, language, clauses=listed)
        else:
            told = in_words(line, language)
            yield phrase("disputed-other", language, clauses=listed, condition=told)
    if missing.most is not None:
        yield phrase("missing-most", language, most=missing.most)


def _otherwise(settlement: Settlement, language: Language) -> str:
    """What would have to be otherwise, and what would come of it then."""
    clauses = phrase("clause-list", language).join(settlement.decided_by)
    told = {"conditions": _joined(settlement.proofs, _asked, language), "clauses": clauses}
    match settlement.verdict:
        case Verdict.INDETERMINATE:
            return phrase("missing-otherwise-open", language, conditions=told["conditions"])
        case Verdict.VIOLATION:
            return phrase("missing-otherwise-forbidden", language, **told)
        case verdict:
            word = phrase(f"settles-{verdict}", language)
            return phrase("missing-otherwise", language, verdict=word, **told)


def _joined(
    proofs: Sequence[Proof], say: Callable[[Proof, Language], str], language: Language
) -> str:
    return phrase("missing-and", language).join(say(each, language) for each in proofs)


def _proved(proof: Proof, language: Language) -> str:
    """A fact as it would be put on record, or found to be lacking."""
    if proof.truth is None:
        return _asked(proof, language)
    word, codes = _named(proof.fact)
    key = f"{'proof' if proof.truth is Truth.TRUE else 'lacking'}-{word}"
    if key not in sentences():
        return _asked(proof, language)
    labels = [_label(Listing.evidence_kinds, code, language) for code in codes]
    facts = {"later": labels[0], "earlier": labels[-1], "codes": labels[0]} if labels else {}
    return phrase(key, language, **facts)


def _asked(proof: Proof, language: Language) -> str:
    """A fact as clauses ask it; one that is not so, as it would be found to be lacking."""
    if proof.truth is Truth.FALSE:
        return _proved(proof, language)
    if proof.asked:
        told = [_line(each, language) for each in proof.asked]
        return phrase("missing-and", language).join(told)
    word, codes, listing = *_named(proof.fact), Listing.evidence_kinds
    if proof.truth is None:
        word, codes, listing = _codes_told(proof)
    return _asking(word, [_label(listing, code, language) for code in codes], language)


def _line(line: Condition, language: Language) -> str:
    kind = WORDS[line.word].argument
    labels = (
        []
        if line.word == "claimed"
        else [_label(Listing(kind.value), code, language) for code in line.argument]
    )
    return _asking(line.word, labels, language)


def _asking(word: str, labels: Sequence[str], language: Language) -> str:
    key = f"asks-{word}"
    if WORDS[word].argument is Argument.TRUE:
        return phrase(key, language)
    if word == "evidence_after":  # both, and not any of them
        return phrase(key, language, codes=phrase("ruling-codes", language).join(labels))
    last = phrase("ruling-or", language).join(labels[-2:])
    joined = phrase("ruling-codes", language).join([*labels[:-2], last])
    return phrase(key, language, codes=joined)


def _named(fact: str) -> tuple[str, tuple[str, ...]]:
    """A fact's word in the clause language, and the kinds of evidence or the day."""
    word, _, rest = fact.partition(" ")
    kinds = tuple(rest.split(AFTER)) if rest else ()
    return ("evidence_after" if len(kinds) > 1 else word), kinds


def _codes_told(proof: Proof) -> tuple[str, tuple[str, ...], Listing]:
    """The codes that it would have to be one of, or none of, whichever is shorter to say."""
    word = "claimed" if proof.fact == "basis" else proof.fact
    if word == "claimed":
        return word, (), Listing.roles
    listing = Listing(WORDS[word].argument.value)
    these, others = (
        _widest(listing, each, rest)
        for each, rest in ((proof.codes, proof.others), (proof.others, proof.codes))
    )
    if 0 < len(others) < len(these) and f"asks-{word}_not" in sentences():
        return f"{word}_not", others, listing
    return word, these, listing


def _widest(listing: Listing, codes: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The codes, but those below another one that stands for all below it."""
    tree = _tree(listing)
    if tree is None:
        return tuple(codes)
    apart = {above for code in others for above in lineage(tree, code)}
    whole = [code for code in codes if code not in apart]
    return tuple(
        code for code in codes if not any(above in whole for above in lineage(tree, code)[1:])
    )


def _tree(listing: Listing) -> Mapping[str, str | None] | None:
    vocabulary = load_vocabulary()
    trees = {Listing.purposes: vocabulary.purposes, Listing.categories: vocabulary.categories}
    return trees.get(listing)


def _label(listing: Listing, code: str, language: Language) -> str:
    return load_vocabulary().label(listing, code).into(language)
