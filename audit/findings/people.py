"""How many people are concerned, in words: so many by name, the whole customer base, or both."""

from audit.wording import Language, phrase


def people_told(subjects: int, whole_base: bool, language: Language) -> str:  # noqa: FBT001
    """The people behind a count; the whole customer base is never told as a number."""
    everybody = phrase("people-everybody", language)
    if whole_base and not subjects:
        return everybody
    key = "people-one" if subjects == 1 else "people-named"
    named = phrase(key, language, people=f"{subjects:,}")
    if not whole_base:
        return named
    return phrase("people-everybody-and", language, everybody=everybody, named=named)
