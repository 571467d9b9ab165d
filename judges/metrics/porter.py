"""The Porter stemmer, as rouge_score uses it, at a few microseconds a word.

M. F. Porter, "An algorithm for suffix stripping", Program 14.3 (1980), with the departures that NLTK's stemmer makes
by default: a table of irregular words, `-ied` and `-ies` of four letters keep their e, y becomes i after any
consonant that is not the first letter, `-alli` is tried before the rest of step 2, `-fulli` and `-logi` are added, and
a vowel and a consonant alone count as an ending of the form consonant, vowel, consonant. NLTK's own is the oracle of
the tests; it builds its rules anew for each word, which is most of the time that rouge_score takes.
"""

from collections.abc import Iterable, Mapping

_IRREGULAR = {
    "skies": "sky",
    "sky": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "news": "news",
    "innings": "inning",
    "inning": "inning",
    "outings": "outing",
    "outing": "outing",
    "cannings": "canning",
    "canning": "canning",
    "howe": "howe",
    "proceed": "proceed",
    "exceed": "exceed",
    "succeed": "succeed",
}
_SHAPES = bytes.maketrans(b"aeioubcdfghjklmnpqrstvwxz0123456789", b"v" * 5 + b"c" * 30)  # y is resolved apart
_C, _V, _Y = b"cvy"
_STEP_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "fulli": "ful",
}
_STEP_3 = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
_STEP_4 = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion"),
    *("ou", "ism", "ate", "iti", "ous", "ive", "ize"),
)  # an ending comes before those that are the end of it


def _by_last_letter(endings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the endings by their last letter, in their order, so that few are tried for a word."""
    table: dict[str, tuple[str, ...]] = {}
    for ending in endings:
        table[ending[-1]] = (*table.get(ending[-1], ()), ending)
    return table


_ENDINGS_2 = _by_last_letter([*_STEP_2, "logi"])
_ENDINGS_3 = _by_last_letter(_STEP_3)
_ENDINGS_4 = _by_last_letter(_STEP_4)


def porter_stem(word: str) -> str:
    """Return the stem of a word of lower-case ASCII letters and digits; words of one or two signs stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    if word[-1] == "s":
        word = _plural(word)
    if word[-1] in "dg":
        word = _past_and_ing(word)
    if word[-1] == "y" and len(word) > 2 and _shape(word[:-1])[-1:] == b"c":
        word = word[:-1] + "i"
    if word.endswith(_ENDINGS_2.get(word[-1], ())):
        word = _step_2(word)
    if word.endswith(_ENDINGS_3.get(word[-1], ())):
        word = _replace(word, _ENDINGS_3, _STEP_3)
    if word.endswith(_ENDINGS_4.get(word[-1], ())):
        word = _step_4(word)
    return _final_e_and_l(word) if word[-1] in "el" else word


def _shape(word: str) -> bytes:
    """Return `c` for each consonant and `v` for each vowel; y is a vowel after a consonant."""
    shape = word.encode().translate(_SHAPES)
    if b"y" not in shape:
        return shape
    resolved = bytearray()
    for sign in shape:
        resolved.append(sign if sign != _Y else _V if resolved[-1:] == b"c" else _C)
    return bytes(resolved)


def _measure(stem: str) -> int:
    """Return m of Porter's form [C](VC)^m[V]."""
    return _shape(stem).count(b"vc")


def _ends_cvc(word: str) -> bool:
    """Tell whether a word ends in consonant, vowel, consonant but w, x or y; or is a vowel and a consonant."""
    shape = _shape(word)
    return (shape.endswith(b"cvc") and word[-1] not in "wxy") or shape == b"vc"


def _plural(word: str) -> str:
    """Step 1a."""
    if word.endswith("ies"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word if word.endswith("ss") else word[:-1]


def _past_and_ing(word: str) -> str:
    """Step 1b."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    if word.endswith("ed"):
        stem = word[:-2]
    elif word.endswith("ing"):
        stem = word[:-3]
    else:
        return word
    if b"v" not in _shape(stem):
        return word
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if len(stem) >= 2 and stem[-1] == stem[-2] and _shape(stem)[-1:] == b"c":
        return stem if stem[-1] in "lsz" else stem[:-1]
    return stem + "e" if _measure(stem) == 1 and _ends_cvc(stem) else stem


def _step_2(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _step_2(word[:-2])
    if word.endswith("logi"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replace(word, _ENDINGS_2, _STEP_2)


def _replace(word: str, endings: Mapping[str, tuple[str, ...]], replacements: Mapping[str, str]) -> str:
    """Replace the first ending the word has, if what stands before it has a measure above zero."""
    for ending in endings.get(word[-1], ()):
        if word.endswith(ending):
            stem = word[: -len(ending)]
            return stem + replacements[ending] if _measure(stem) > 0 else word
    return word


def _step_4(word: str) -> str:
    for ending in _ENDINGS_4.get(word[-1], ()):
        if word.endswith(ending):
            stem = word[: -len(ending)]
            removable = _measure(stem) > 1 and (ending != "ion" or stem[-1] in "st")
            return stem if removable else word
    return word


def _final_e_and_l(word: str) -> str:
    """Step 5."""
    if word[-1] == "e":
        stem = word[:-1]
        measure = _measure(stem)
        if measure > 1 or (measure == 1 and not _ends_cvc(stem)):
            word = stem
    if word.endswith("ll") and _measure(word[:-1]) > 1:
        return word[:-1]
    return word
