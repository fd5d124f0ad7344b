"""Why a flow got its verdict: per category what decided, per clause what was asked and found."""

import streamlit as st

from audit import (
    Asked,
    CategorySaid,
    ClauseSaid,
    Explanation,
    LayerSaid,
    Listing,
    Paragraph,
    Quotable,
    Quote,
    Standing,
    Truth,
    cite_told,
    clause_told,
    draft_told,
    found_told,
    had_a_say,
    in_words,
    open_question,
    overridden,
    reasons,
    requests,
    sentence,
    set_aside,
    standing_told,
)
from dashboards import session
from dashboards.parts import text, verdicts, wordings

TRUTH_SIGNS = {Truth.TRUE: "✓", Truth.UNKNOWN: "?", Truth.FALSE: "✕"}
_TRUTHS = {Truth.TRUE: "truth-true", Truth.UNKNOWN: "truth-unknown", Truth.FALSE: "truth-false"}
_WIDTHS = (1, 4, 3)
_NOTHING = "-"  # how the audit says that nothing was found


# ---- the explanation


def explained(explanation: Explanation) -> None:
    """Every layer, every category, every clause; the first category that spoils it stands open."""
    for layer in explanation.layers:
        if len(explanation.layers) > 1:
            st.markdown(f"**{text.plain(wordings.layer(layer.layer))}**")
        worst = _worst(layer)
        for category in layer.categories:
            with st.expander(text.plain(_titled(category)), expanded=category is worst):
                _category(category)


def _worst(layer: LayerSaid) -> CategorySaid:
    return next(each for each in layer.categories if each.verdict == layer.verdict)


def _titled(said: CategorySaid) -> str:
    facts = {
        "category": wordings.coded(Listing.categories, said.category),
        "verdict": verdicts.label(said.verdict, session.language()),
    }
    return text.phrase_here("explain-category", **facts)


def _category(said: CategorySaid) -> None:
    for reason in reasons(said, session.language()):
        st.text(text.visible(reason))
    if question := open_question(said, session.language()):
        st.info(
            f"**{text.say('violations-open-question')}**\n\n{text.plain(question)}",
            icon=":material/help:",
        )
    for request in requests(said, session.language()):
        st.text(text.visible(request))
    said_something = [clause for clause in said.clauses if had_a_say(said, clause)]
    for clause in said_something:
        _clause(clause)
    others = [clause for clause in said.clauses if clause not in said_something]
    if others:
        label = text.say("violations-set-aside", clauses=len(others))
        with st.popover(label, icon=":material/unfold_more:"):
            for clause in others:
                st.text(text.visible(set_aside(clause, session.language())))
    for draft in said.drafts:
        st.caption(text.plain(draft_told(draft, said, session.language())))


def _clause(said: ClauseSaid) -> None:
    """The clause with each of its conditions: what it asked, what was found, what came of it."""
    with st.container(border=True):
        sign = TRUTH_SIGNS[said.in_force]
        st.markdown(f"**{sign} {text.plain(clause_told(said, session.language()))}**")
        if beaten := overridden(said, session.language()):
            st.caption(text.plain(beaten))
        for column, name in zip(st.columns(_WIDTHS), ("truth", "asked", "found"), strict=True):
            column.caption(text.say(f"violations-{name}"))
        for each in said.asked:
            _condition(each)


def _condition(asked: Asked) -> None:
    truth, question, found = st.columns(_WIDTHS)
    truth.text(f"{TRUTH_SIGNS[asked.truth]} {text.phrase_here(_TRUTHS[asked.truth])}")
    question.text(text.visible(in_words(asked.condition, session.language())))
    nothing = asked.found == _NOTHING
    found.text(
        text.phrase_here("violations-nothing")
        if nothing
        else text.visible(found_told(asked, session.language()))
    )


# ---- the clauses' own words


def quoted(layer: str | None, name: str, quotable: Quotable) -> None:
    """The clause's gist, and the paragraphs that it cites where the agreement's text was given."""
    clause = quotable.clause(layer, name)
    if clause is None:
        return
    effect = text.phrase_here(f"effect-{clause.effect}")
    cite = cite_told(clause.cite, session.language())
    st.markdown(f"**{text.plain(f'{cite} · {clause.id} · {effect}')}**")
    st.text(clause.gist.into(session.language()))
    for quote in quotable.quotes(layer, name):
        standing(quote)
        if isinstance(quote.found, Paragraph):
            _paragraph(quote.cite, quote.found)
        else:
            st.warning(text.plain(sentence(quote.found, session.language())))


def standing(quote: Quote) -> None:
    """That the cited words are not those that the clause was reviewed against, where so."""
    if quote.citation is None or quote.citation.standing == Standing.OK:
        return
    told = text.plain(standing_told(quote.citation, session.language()))
    if quote.citation.unreviewed:
        st.error(f"**{text.say('clause-not-reviewed')}** {told}", icon=":material/gavel:")
    else:
        st.caption(told)


def _paragraph(cite: str, found: Paragraph) -> None:
    """The paragraph itself, under the headings that it stands under."""
    with st.container(border=True):
        st.caption(text.say("violations-own-text", cite=cite, line=found.line))
        for outer in found.above:
            st.caption(text.plain(outer))
        st.text(found.text)
        if found.below:
            with st.popover(text.say("violations-below"), type="tertiary"):
                for inner in found.below:
                    st.text(inner)
