"""How codes are made and compared."""

import string
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coupon_server.domain import codes
from coupon_server.domain.codes import ALPHABET, TypedCode, fold, normalize
from coupon_server.domain.errors import InvalidField

# Where casing and compatibility forms do something.
INTERESTING = (
    "ßẞİıſﬁﬆ①Ａａé\N{KELVIN SIGN}\N{ANGSTROM SIGN}Å"
    "Σςσΐΰᾳᾼǅŉµ\N{COMBINING GREEK YPOGEGRAMMENI}\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT ABOVE}"
)
TEXTS = st.text(max_size=24) | st.text(alphabet=INTERESTING + string.ascii_letters, max_size=24)


def folded_by_definition(code: str) -> str:
    """NFKC(casefold(NFKC(code))), as the contract words it."""
    once = unicodedata.normalize("NFKC", code).casefold()
    return unicodedata.normalize("NFKC", once)


def test_the_alphabet_has_no_look_alikes_and_survives_folding_one_to_one() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 31
    assert not set(ALPHABET) & set("01ILO")
    assert len({fold(letter) for letter in ALPHABET}) == 31


@given(
    prefix=st.text(alphabet="ABCxyz9", max_size=16),
    length=st.integers(4, 32),
    count=st.integers(0, 50),
)
def test_random_codes_are_the_prefix_and_so_many_letters_of_the_alphabet(
    prefix: str, length: int, count: int
) -> None:
    made = codes.random_codes(prefix, length, count)
    assert len(made) == count
    for code in made:
        assert code.startswith(prefix)
        assert len(code) == len(prefix) + length
        assert set(code[len(prefix) :]) <= set(ALPHABET)


def test_random_codes_do_not_repeat() -> None:
    made = codes.random_codes("", 12, 20_000)
    assert len(set(made)) == len(made)


def test_every_letter_is_as_likely_as_any_other() -> None:
    counts = Counter("".join(codes.random_codes("", 8, 40_000)))
    expected = sum(counts.values()) / len(ALPHABET)
    chi_square = sum((counts[letter] - expected) ** 2 / expected for letter in ALPHABET)
    # 30 degrees of freedom: above 90 once in ten million runs. A plain `byte % 31` gives 2,000.
    assert chi_square < 90


@given(TEXTS)
@example("ﬃ")
@example("İSTANBUL")
def test_folding_is_what_the_contract_says(code: str) -> None:
    assert fold(code) == folded_by_definition(code)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_changes_nothing(code: str) -> None:
    assert fold(code) == folded_by_definition(code)


@given(TEXTS)
def test_a_code_folds_alike_before_and_after_it_is_stored(code: str) -> None:
    stored = normalize(code)
    assert fold(stored) == fold(code)
    assert normalize(stored) == stored


def test_folding_what_is_folded_changes_nothing() -> None:
    for character in map(chr, range(0x110000)):
        if unicodedata.category(character) != "Cs":
            assert fold(fold(character)) == fold(character), hex(ord(character))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NewYear2025", "nEWyEAR2025"),
        ("STRASSE", "Straße"),
        ("STRASSE", "STRAẞE"),
        ("office", "oﬃce"),
        ("SALE", "ｓａｌｅ"),
        ("café", "CAFE\N{COMBINING ACUTE ACCENT}"),
        ("ΟΔΟΣ", "οδος"),
        ("\N{KELVIN SIGN}9", "k9"),
    ],
)
def test_codes_that_people_take_for_equal_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("İ", "i"), ("ı", "i"), ("0", "O"), ("e", "é")])
def test_codes_that_differ_fold_to_different_forms(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(
    space=st.text(alphabet=" \t\n\r\u00a0\u2003\u3000", max_size=3),
    code=st.text(alphabet=INTERESTING + string.ascii_letters, min_size=1, max_size=12),
)
def test_a_typed_code_is_stripped_and_has_both_forms(space: str, code: str) -> None:
    typed = TypedCode.parse(space + code + space)
    assert typed == TypedCode(normalize(code), fold(code))
    assert typed.matchable


IGNORABLE = "\u00ad\u034f\u1160\u200b\u200d\u200e\u2060\u3164\ufe0e\ufe0f\ufeff\uffa0\U000e0100"


@given(
    code=st.text(alphabet=INTERESTING + "TRIM25", min_size=1, max_size=8),
    ignorable=st.lists(st.text(alphabet=IGNORABLE, max_size=2), min_size=9, max_size=9),
    ends=st.sampled_from(["", " ", "\u200b \ufeff"]),
)
def test_a_typed_code_is_compared_without_what_shows_as_nothing(
    code: str, ignorable: list[str], ends: str
) -> None:
    letters = "".join(a + b for a, b in zip(ignorable, [*code, *[""] * 9], strict=False))
    assert TypedCode.parse(ends + letters + ends) == TypedCode.parse(code)


def test_what_shows_as_nothing_alone_is_not_looked_up() -> None:
    assert not TypedCode.parse(IGNORABLE).matchable


@pytest.mark.parametrize("invisible", [*IGNORABLE, "\u2800"])
def test_no_stored_code_has_what_shows_as_nothing(invisible: str) -> None:
    """So that two codes that look alike are one, or one is refused."""
    for code in (invisible, f"TRIM25{invisible}", f"TR{invisible}IM"):
        with pytest.raises(InvalidField, match="invisible"):
            codes.check_custom_code(code)
        with pytest.raises(InvalidField, match="invisible"):
            codes.check_prefix(code)


@pytest.mark.parametrize("code", [".", "..", "\N{ONE DOT LEADER}", "\N{TWO DOT LEADER}", "\uff0e"])
def test_a_code_that_no_path_can_have_is_refused(code: str) -> None:
    with pytest.raises(InvalidField, match=r"'\.' or '\.\.'"):
        codes.check_custom_code(code)


@pytest.mark.parametrize("code", ["...", ".a", "a.", "A.B"])
def test_a_dot_is_a_character_as_others_are(code: str) -> None:
    assert codes.check_custom_code(code) == code


@pytest.mark.parametrize("text", ["", " \t\u3000", "X" * 257, "ﷺ" * 20])
def test_what_no_stored_code_can_be_is_not_looked_up(text: str) -> None:
    assert not TypedCode.parse(text).matchable


@given(
    st.text(alphabet="ABCabc0-_.!ßéｦ", min_size=1, max_size=64).filter(
        lambda code: code not in codes.UNREACHABLE
    )
)
def test_a_custom_code_is_kept_in_its_normal_form(code: str) -> None:
    assert codes.check_custom_code(code) == normalize(code)


@pytest.mark.parametrize(
    "code", ["N" * 64, "é" * 64, "😀" * 32, "e\N{COMBINING ACUTE ACCENT}" * 64]
)
def test_a_custom_code_may_be_64_characters_and_128_bytes_long(code: str) -> None:
    assert codes.check_custom_code(code) == normalize(code)


@pytest.mark.parametrize("code", ["", "N" * 65, "é" * 65, "😀" * 33, "ﷺ" * 4])
def test_a_custom_code_that_is_too_long_or_empty_is_refused(code: str) -> None:
    with pytest.raises(InvalidField, match="custom_code"):
        codes.check_custom_code(code)


@pytest.mark.parametrize(
    "bad",
    [
        *(" ", "\t", "\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\u2028"),
        *("\x00", "\x7f", "\u200b", "\u202e", "\ufeff", "\ue000"),
        *("/", ":", "\N{FULLWIDTH SOLIDUS}", "\N{FULLWIDTH COLON}", "\N{ACCOUNT OF}"),
    ],
)
def test_codes_and_prefixes_have_no_space_control_slash_or_colon(bad: str) -> None:
    """Nor anything that normalises to one, such as the sign for "account of" to `a/c`."""
    with pytest.raises(InvalidField):
        codes.check_custom_code(f"A{bad}B")
    with pytest.raises(InvalidField):
        codes.check_prefix(f"A{bad}B")


def test_a_prefix_may_be_empty_and_has_16_characters_at_most() -> None:
    assert codes.check_prefix("") == ""
    assert codes.check_prefix("Ａ" * 16) == "A" * 16
    with pytest.raises(InvalidField, match="code_prefix"):
        codes.check_prefix("A" * 17)
    with pytest.raises(InvalidField, match="code_prefix"):
        codes.check_prefix("ﬃ" * 6)


@given(st.text(alphabet=INTERESTING + "ABCz9-", max_size=16).filter(lambda p: len(p) <= 16))
def test_a_random_code_folds_to_its_folded_prefix_and_its_folded_letters(prefix: str) -> None:
    """On which the counting of a key space relies."""
    try:
        stored = codes.check_prefix(prefix)
    except InvalidField:
        return
    [code] = codes.random_codes(stored, 8, 1)
    assert fold(code) == fold(stored) + fold(code[-8:])
