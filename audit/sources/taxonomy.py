"""Keys of the fides taxonomy as codes of ours: only where a code of ours surely holds all of a key.

The vocabulary says of each code under which key of fides it falls. A key is read back as the
smallest code that holds every code which falls under it, so as a wider one, of which less is
certain; a key that falls into several trees of ours, or under no code of ours, is not read.
"""

from collections.abc import Mapping

from audit.vocabulary import Entry, Listing, Vocabulary, lineage

_PERSONAL = "yes"  # of a key that may or may not mean persons nothing is taken for granted


def codes_of_keys(vocabulary: Vocabulary, listing: Listing) -> Mapping[str, str]:
    """The code that each key of fides is read as, where there is one."""
    entries = vocabulary.entries[listing]
    parents = {code: entry.parent for code, entry in entries.items()}
    keys = sorted({entry.fides for entry in entries.values() if entry.fides})
    read = {key: _smallest(parents, _below(entries, key)) for key in keys}
    return {
        key: code
        for key, code in read.items()
        if code and entries[code].personal in {_PERSONAL, None}
    }


def _below(entries: Mapping[str, Entry], key: str) -> list[str]:
    """The codes that fall under the key or one of its own."""
    return [code for code, each in entries.items() if f"{each.fides}.".startswith(f"{key}.")]


def _smallest(parents: Mapping[str, str | None], codes: list[str]) -> str | None:
    """The smallest code that is, or holds, each of these."""
    shared = set.intersection(*({*lineage(parents, code)} for code in codes))
    return max(shared, key=lambda code: len(lineage(parents, code)), default=None)
