"""What looks like personal data, and what only has as many digits."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handover.personal_data import Kind, Sighting, findings

BEFORE_AND_AFTER = (
    st.sampled_from(["", " ", ", ", ": ", " (", "\n", "„"]),
    st.sampled_from(["", " ", ".", ")", "\n", "”"]),
)


def cnp(sex: int, day: dt.date, county: int, serial: int) -> str:
    """Make a CNP by its rule: of nobody."""
    first = f"{sex}{day:%y%m%d}{county:02}{serial:03}"
    rest = sum(int(weight) * int(digit) for weight, digit in zip("279146358279", first, strict=True)) % 11
    return f"{first}{1 if rest == 10 else rest}"


def asmens_kodas(first: int, day: dt.date, serial: int) -> str:
    """Make an asmens kodas by its rule: of nobody."""
    text = f"{first}{day:%y%m%d}{serial:03}"
    for weights in ("1234567891", "3456789123"):
        rest = sum(int(weight) * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11
        if rest != 10:
            return f"{text}{rest}"
    return f"{text}0"


TWENTIETH = st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31))
CNPS = st.builds(
    cnp,
    st.sampled_from([1, 2, 7, 8, 9]),
    TWENTIETH,
    st.sampled_from([*range(1, 49), 51, 52, 70]),
    st.integers(1, 999),
)
KODAI = st.builds(asmens_kodas, st.sampled_from([3, 4]), TWENTIETH, st.integers(0, 999))


def kinds(text: str) -> list[Kind]:
    return [sighting.kind for sighting in findings(text)]


@given(CNPS, *BEFORE_AND_AFTER)
def test_a_cnp_is_seen_wherever_it_stands(number: str, before: str, after: str) -> None:
    text = f"Beneficiar{before}{number}{after}" if before else f"{number}{after}"
    start = text.index(number)
    assert findings(text) == [Sighting(Kind.CNP, start, start + 13, f"{number[0]}…{number[-1]}")]


@given(CNPS)
def test_a_cnp_written_in_groups_is_seen(number: str) -> None:
    assert kinds(f"{number[0]} {number[1:7]} {number[7:]}") == [Kind.CNP]
    assert kinds(f"{number[0]}-{number[1:3]}-{number[3:5]}-{number[5:7]}-{number[7:]}") == [Kind.CNP]


@given(CNPS, st.integers(1, 9))
def test_a_cnp_with_another_last_digit_is_none(number: str, more: int) -> None:
    assert findings(number[:-1] + str((int(number[-1]) + more) % 10)) == []


@given(CNPS, st.sampled_from([0, 49, 50, 53, 69, 71, 99]))
def test_a_cnp_of_no_county_is_none(number: str, county: int) -> None:
    day = dt.datetime.strptime(number[1:7], "%y%m%d").replace(tzinfo=dt.UTC).date()
    assert findings(cnp(int(number[0]), day, county, int(number[9:12]))) == []


@given(
    st.sampled_from([1, 5]),
    st.sampled_from(["0229", "0230", "1301", "0001", "0100", "0431"]),
    st.integers(1, 999),
)
def test_a_cnp_of_no_day_is_none(sex: int, day: str, serial: int) -> None:
    first = f"{sex}01{day}12{serial:03}"
    rest = sum(int(weight) * int(digit) for weight, digit in zip("279146358279", first, strict=True)) % 11
    assert findings(f"{first}{1 if rest == 10 else rest}") == []


@given(KODAI, *BEFORE_AND_AFTER)
def test_an_asmens_kodas_is_seen_wherever_it_stands(number: str, before: str, after: str) -> None:
    text = f"a. k.{before}{number}{after}" if before else f"{number}{after}"
    start = text.index(number)
    assert findings(text) == [Sighting(Kind.ASMENS_KODAS, start, start + 11, f"{number[0]}…{number[-1]}")]


@given(KODAI, st.integers(1, 9))
def test_an_asmens_kodas_with_another_last_digit_is_none(number: str, more: int) -> None:
    assert findings(number[:-1] + str((int(number[-1]) + more) % 10)) == []


@given(st.integers(10**9, 10**14))
def test_numbers_of_persons_are_seen_only_where_their_checksum_holds(number: int) -> None:
    text = str(number)
    assume(not text.startswith("0"))
    for seen in kinds(text):
        if seen is Kind.CNP:
            assert text[-1] == _check_digit(text[:-1], "279146358279")
        else:
            assert seen is Kind.ASMENS_KODAS
            assert len(text) == 11


def _check_digit(first: str, weights: str) -> str:
    rest = sum(int(weight) * int(digit) for weight, digit in zip(weights, first, strict=True)) % 11
    return str(1 if rest == 10 else rest)


def test_the_second_pass_of_an_asmens_kodas_counts() -> None:
    """Serial numbers are tried until the first pass leaves 10, and until both do."""
    day = dt.date(1980, 2, 3)
    passes = {"second": 0, "none": 0}
    for serial in range(1000):
        text = f"3{day:%y%m%d}{serial:03}"
        left = [
            sum(int(weight) * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11
            for weights in ("1234567891", "3456789123")
        ]
        if left[0] == 10:
            passes["none" if left[1] == 10 else "second"] += 1
            assert kinds(f"{text}{0 if left[1] == 10 else left[1]}") == [Kind.ASMENS_KODAS]
    assert passes["second"]
    assert passes["none"]


@pytest.mark.parametrize(
    "number",
    [
        "0700000000",
        "0700 000 000",
        "0700.000.000",
        "0700-000-000",
        "070 000 0000",
        "(021) 000 00 00",
        "021/000.00.00",
        "0264 000000",
        "0372 000 000",
        "+40 700 000 000",
        "+40700000000",
        "+40 (0)700 000 000",
        "0040 700 000 000",
        "0040.21.000.00.00",
        "+370 600 00000",
        "+37060000000",
        "+370 (5) 200 0000",
        "00370 600 00000",
        "8 600 00000",
        "8-600-00000",
        "860000000",
        "0 600 00000",
        "060000000",
        "8 5 200 0000",
        "(8 5) 200 0000",
        "(8-37) 000000",
        "8 37 00 00 00",
        "8 315 00000",
        "+44 20 7946 0000",
        "+49 (30) 000000-00",
        "+48 600 000 001",
        "+33 1 00 00 00 00",
        "+1 212 555 0100",
        "+40\u00a0700\u00a0000\u00a0000",
        "0700\u2011000\u2011000",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "tel. {}.", "tel:{}", "Sunați la {}, vă rugăm", "({})", "skambinti {}\nrytoj"]
)
def test_a_telephone_number_is_seen(number: str, around: str) -> None:
    assert kinds(around.format(number)) == [Kind.PHONE]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org",
        "first.last@example.org",
        "info+roma@some-town.example.org",
        "ștefan@exemplu.ro",
        "A_B@EXAMPLE.LT",
    ],
)
@pytest.mark.parametrize("around", ["{}", "<{}>", "mailto:{}", "write to {}.", "({}), please"])
def test_an_email_address_is_seen(address: str, around: str) -> None:
    assert kinds(around.format(address)) == [Kind.EMAIL]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Children of the settlement have no documents.",
        "HCL DEMO-142/2025",
        "HCL 0312/2024 12 posts",
        "HCL nr. 0312 2024-05",
        "2024-01-01 – 2025-12-31",
        "2024-01-01/2025-12-31",
        "01.01.2024-31.12.2025",
        "02.03.2024 10:30",
        "20241231 20251231",
        "2024-05-01T10:00:00+03:00",
        "2024-05-01T10:00:00.123456Z",
        "school years 2021/2022, 2022/2023, 2023/2024",
        "2019 2020 2021 2022 2023 2024",
        "1 250 000,00",
        "1.250.000.000,00 RON",
        "8 612 345,00 EUR",
        "8 612 345 000",
        "0700000000,50",
        "+12 500 000 000",
        "+1 250 000 000",
        "+12 (2023-2024)",
        "+12 2023-2024",
        "+5 % 2024, +7 % 2025",
        "21 000 – 35 000 persons in 2024",
        "8 12 15 2024",
        "0 1 2 3 4 5 6 7 8 9",
        "030 040 050 060",
        "LT-Vilnius-2024-007",
        "RO-ONG-12345678",
        "XM-DAC-41122-0700000000",
        "FCT-0700000000",
        "factura DEMO 0012345678",
        "contract C-12/0700000000",
        "contract 1234567/01.02.2024",
        "POCU/6.12/2018, contract 1234567890123",
        "IBAN RO49 AAAA 1B31 0075 9384 0000",
        "RO49AAAA1B31007593840000",
        "LT601010012345678901",
        "CPV 03111100-3",
        "CUI RO12345678, J40/1234/2005",
        "company code 188601311",
        "SIRUTA 54975, LAU RO_054975, NUTS RO113",
        "LAU 13, LT011",
        "67.02.05.03.30",
        "2021RO05SFPR001",
        "ESF+ 2021-2027",
        "Law 292/2011 art. 8 (1)",
        "ISBN 978-606-123-456-7",
        "44.4267674, 26.1025384",
        "12345678-0700-4000-8000-070000000000",
        "86123456-1234-4234-8234-123456789012",
        "5941234567890",
        "192.168.100.200",
        "https://example.org/2024/0700000000/report",
        "10 @ 12 EUR each",
        "@example, the handle",
        "12@3",
        "user@localhost",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_what_only_has_digits_is_left_alone(text: str) -> None:
    assert findings(text) == []


@given(st.dates(), st.dates(), st.sampled_from(["-", "/", " – ", " ", ", "]))
def test_dates_are_left_alone(first: dt.date, last: dt.date, between: str) -> None:
    for shape in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d"):
        assert findings(f"{first:{shape}}{between}{last:{shape}}") == []


@given(st.decimals(0, 10**11, places=2), st.sampled_from([" ", "\u00a0", ".", ""]))
def test_amounts_are_left_alone(amount: object, between: str) -> None:
    assert findings(f"{amount:,}".replace(".", ";").replace(",", between).replace(";", ",") + " EUR") == []


def test_a_sighting_never_repeats_what_was_seen() -> None:
    number = cnp(2, dt.date(1985, 6, 7), 12, 345)
    for text in (number, "+40 700 123 456", "first.last@example.org"):
        (sighting,) = findings(text)
        inside = text[2:-2]
        assert inside not in str(sighting)
        assert inside not in repr(sighting)
        assert len(sighting.masked) == 3


def test_several_are_told_in_the_order_of_the_text_and_each_once() -> None:
    number = cnp(1, dt.date(1970, 1, 2), 70, 1)
    found = findings(f"a@example.org, {number}, 0700 000 000 / +370 600 00000")
    assert [item.kind for item in found] == [Kind.EMAIL, Kind.CNP, Kind.PHONE, Kind.PHONE]
    assert [item.start for item in found] == sorted(item.start for item in found)


@given(st.text(alphabet="0123456789 .-/()+@a", max_size=300))
def test_whatever_is_written_sightings_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for sighting in findings(text):
        assert end <= sighting.start < sighting.end <= len(text)
        end = sighting.end
