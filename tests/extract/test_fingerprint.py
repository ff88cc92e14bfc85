"""Bands are stored and looked up by later versions: another way to mix them would lose every known copy."""

from __future__ import annotations

from monitor.extract.fingerprint import BANDS, MinHashFingerprinter

PRINTS = MinHashFingerprinter()
TEXT = " ".join(f"word{n}" for n in range(40))


def test_bands_are_the_numbers_that_states_hold() -> None:
    bands = PRINTS.bands(tuple(n * 2_654_435_761 % 2**32 for n in range(128)))
    assert len(bands) == BANDS
    assert bands[:2] == (-6_928_548_994_051_768_905, -7_465_094_227_133_218_216)
    assert bands[-1] == 7_370_309_791_189_271_334
    assert PRINTS.bands((2**32 - 1,) * 128)[-1] == -5_628_925_583_830_242_028


def test_a_text_has_the_bands_that_states_hold() -> None:
    assert PRINTS.bands(PRINTS.signature(TEXT))[:2] == (
        -6_032_561_000_765_496_974,
        -2_683_120_430_489_814_753,
    )


def test_a_short_text_has_none() -> None:
    assert PRINTS.bands(PRINTS.signature("word " * 11)) == ()
