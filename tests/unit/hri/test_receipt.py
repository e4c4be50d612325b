"""Receipt numbers are told from every slip of the pen, and only a slow hash of them is kept."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest

from patrol_hri.statements.receipt import ALPHABET, canonical, new_receipt, receipt_hash


def fixed(*values: int) -> str:
    return new_receipt(lambda count: bytes(values[:count]))


def test_it_has_three_groups_of_letters_that_are_not_mistaken() -> None:
    receipt = new_receipt(os.urandom)
    assert [len(group) for group in receipt.split("-")] == [4, 4, 4]
    assert len(set(ALPHABET)) == 32
    assert not set("01OI") & set(ALPHABET)
    assert set(receipt) <= set(ALPHABET) | {"-"}


def test_it_is_known_again_however_it_is_typed() -> None:
    receipt = new_receipt(os.urandom)
    plain = receipt.replace("-", "")
    for typed in (
        receipt,
        plain,
        plain.lower(),
        f"  {receipt.replace('-', ' ')}. ",
        f"({receipt})",
    ):
        assert canonical(typed) == plain


def test_every_wrong_character_and_every_exchange_of_two_is_noticed() -> None:
    rng = np.random.default_rng(0)
    plain = canonical(new_receipt(rng.bytes))
    for index, letter in itertools.product(range(12), ALPHABET):
        wrong = plain[:index] + letter + plain[index + 1 :]
        assert canonical(wrong) == (plain if wrong == plain else "")
    for one, other in itertools.combinations(range(12), 2):
        letters = list(plain)
        letters[one], letters[other] = letters[other], letters[one]
        exchanged = "".join(letters)
        assert canonical(exchanged) == (plain if exchanged == plain else "")


@pytest.mark.parametrize(
    "text", ["", "hello", "0000-0000-0000", "2222-2222-222", "\ud800", "é" * 99]
)
def test_what_is_no_receipt_is_none(text: str) -> None:
    assert canonical(text) == ""


def test_all_eleven_characters_are_random() -> None:
    drawn = {fixed(*(int(index == place) for index in range(11))) for place in range(11)}
    assert len(drawn) == 11
    assert fixed(*[255] * 11).startswith("ZZZZ-ZZZZ-ZZZ")


def test_the_hash_depends_on_the_salt() -> None:
    assert receipt_hash("A", b"1" * 32) != receipt_hash("A", b"2" * 32)
