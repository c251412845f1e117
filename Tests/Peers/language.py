"""What language and script a text is in, judged by letters and everyday words only."""

from __future__ import annotations

import re
import unicodedata

#: Words that each variety uses often and none of the others does.
WORDS = {
    "darija-arabic": r"(ديال|باش|شي|غادي|اللي|دابا|كيما|لينا|كتب|إلا)",
    "darija-latin": r"\b(dyal\w*|bach|chi|ghadi|li|daba|wla|lina|kteb|ila|menna|hna)\b|[a-z][379][a-z]",
    "nl": r"\b(je|het|een|niet|wij|we|dit|van|bij|naar|ons)\b",
    "en": r"\b(you|the|your|this|not|with|for|and|us|it)\b",
    "fr": r"\b(vous|votre|nous|les|des|est|pas|pour|une)\b",
}


def arabic_share(text: str) -> float:
    """The share of Arabic letters among all letters, 0 to 1."""
    letters = [character for character in text if character.isalpha()]
    arabic = sum(1 for character in letters if unicodedata.name(character, "").startswith("ARABIC"))
    return arabic / len(letters) if letters else 0


def assert_is(text: str, variety: str) -> None:
    """Fails unless the script is that of the variety and several of its own words stand in it."""
    if variety == "darija-arabic":
        # Names such as OMEMO stay Latin.
        assert arabic_share(text) > 0.8, f"not in Arabic script: {text}"
    else:
        assert arabic_share(text) == 0, f"not in Latin script: {text}"
    own = len(re.findall(WORDS[variety], text.lower()))
    others = {
        name: len(re.findall(pattern, text.lower()))
        for name, pattern in WORDS.items() if name != variety
    }
    assert own > 0 and own > max(others.values()), f"not in {variety} (own words {own}, others {others}): {text}"
