"""How the tables of the data map tell parties, verdicts and codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from audit import Listing, Verdict
from dashboards import session
from dashboards.parts import codes, text, verdicts, wordings
from dashboards.parts.data_map.picture import BY_ROLE

_TALLEST = 388
ENDS = ("sender", "recipient")


@dataclass(frozen=True)
class Who:
    """The parties of a run: what each is called, and its role."""

    names: Mapping[str, str | None]
    roles: Mapping[str, str | None]

    def named(self, party: str) -> str:
        """The name of a party, else its id, on one line."""
        return text.visible(self.names.get(party) or party)

    def called(self, party: str) -> str:
        """A party by its name and its id, on one line; a node of merged parties by its role."""
        if party.startswith(BY_ROLE) and party not in self.names:
            return role_word(party.removeprefix(BY_ROLE) or None)
        return wordings.party(party, self.names)

    def knows(self, node: str) -> bool:
        """Whether the run has this party, or parties of the role of this merged node."""
        if node in self.roles:
            return True
        role = node.removeprefix(BY_ROLE) or None
        return node.startswith(BY_ROLE) and role in self.roles.values()

    def with_names(self, relations: pl.DataFrame) -> pl.DataFrame:
        """The relations with both ends as they are called."""
        return relations.with_columns(
            pl.Series(end, [self.called(each) for each in relations[end]], pl.String())
            for end in ENDS
        )


def who(parties: pl.DataFrame) -> Who:
    """The parties of this table."""
    names, roles = (dict(parties.select("party_id", each).iter_rows()) for each in ("name", "role"))
    return Who(names, roles)


def role_word(role: str | None) -> str:
    """The role of a party; of one that is not registered, that it is not."""
    if role is None:
        return text.phrase_here("map-unregistered")
    return text.visible(codes.word(Listing.roles, role))


def labelled(column: str = "verdict") -> pl.Expr:
    """A column of verdicts in words, with their signs; one that is withheld says so."""
    words = {each.value: verdicts.label(each, session.language()) for each in Verdict}
    return pl.col(column).replace(words).fill_null(text.phrase_here("map-withheld"))


def withheld(told: pl.DataFrame) -> None:
    """How many of these rows have a verdict that the reader is not told, which no sum counts."""
    if count := told["verdict"].null_count():
        st.caption(text.say("map-verdicts-withheld", count=count))


def in_words(listing: Listing, lists: pl.Series) -> pl.Series:
    """Lists of codes in words."""
    return pl.Series([codes.words(listing, each) for each in lists.to_list()], dtype=pl.String)


def number(heading: str) -> Any:  # noqa: ANN401 (Streamlit has no public name for it)
    """A column of counts."""
    return st.column_config.NumberColumn(heading, format="localized")


def height(rows: int) -> int:
    """The height of a table of so many rows, up to a limit."""
    return min(_TALLEST, 38 + 35 * max(1, rows))
