"""What a template says to whoever fills it in, in the languages of the people who do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Texts:
    """One language: names of sheets, headings by column, instructions, and what a wrong cell is told."""

    values: str
    instructions: str
    headings: Mapping[str, str]
    lines: Sequence[str]
    not_a_number: str
    not_a_day: str
    not_listed: str


def _paragraphs(text: str) -> tuple[str, ...]:
    """Read paragraphs between empty lines, each as one line."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n"))


ENGLISH: Final = Texts(
    values="Values",
    instructions="Instructions",
    headings={
        "indicator": "Indicator",
        "start": "From",
        "end": "To",
        "place": "Place",
        "value": "Value",
        "numerator": "Numerator",
        "denominator": "Denominator",
        "comment": "Comment",
        "reason": "Reason for a correction",
        "revision": "Revision",
        "gender": "Gender",
        "age": "Age",
        "minority": "Minority",
    },
    lines=_paragraphs(
        """
        Fill in the light cells of the sheet “Values”, one value a row, and save the file as a workbook
        (XLSX).

        Each row names an indicator, a period (first and last day) and a group; a row without a group counts
        everybody.

        Leave the cell empty where you have nothing to report. Write 0 only if you counted and found nobody.

        For a share, give the numerator and the denominator: the share is checked against them.

        Values that were reported before are filled in. If you change one, say why in the column “Reason for
        a correction”.

        Rows for other places or periods go to the end of the sheet: choose from the lists there.

        Write counts only. Names of people, addresses and identity numbers do not belong in this file,
        comments included.

        Do not move or rename columns. The hidden columns and sheets tell the import what was known when you
        downloaded the file.
        """
    ),
    not_a_number="Write a number here, without a unit.",
    not_a_day="Write a date here.",
    not_listed="Choose from the list.",
)

ROMANIAN: Final = Texts(
    values="Valori",
    instructions="Instrucțiuni",
    headings={
        "indicator": "Indicator",
        "start": "De la",
        "end": "Până la",
        "place": "Loc",
        "value": "Valoare",
        "numerator": "Numărător",
        "denominator": "Numitor",
        "comment": "Comentariu",
        "reason": "Motivul corecturii",
        "revision": "Revizie",
        "gender": "Gen",
        "age": "Vârstă",
        "minority": "Minoritate",
    },
    lines=_paragraphs(
        """
        Completați celulele deschise la culoare din foaia „Valori”, câte o valoare pe rând, și salvați
        fișierul ca registru XLSX.

        Fiecare rând numește un indicator, o perioadă (prima și ultima zi) și un grup; un rând fără grup îi
        numără pe toți.

        Lăsați celula goală acolo unde nu aveți nimic de raportat. Scrieți 0 numai dacă ați numărat și nu
        ați găsit pe nimeni.

        Pentru o pondere, indicați numărătorul și numitorul: ponderea se verifică după ele.

        Valorile raportate anterior sunt deja completate. Dacă schimbați una, spuneți de ce în coloana
        „Motivul corecturii”.

        Rândurile pentru alte locuri sau perioade se adaugă la sfârșitul foii: alegeți acolo din liste.

        Scrieți numai cifre. Numele persoanelor, adresele și codurile numerice personale nu au ce căuta în
        acest fișier, nici în comentarii.

        Nu mutați și nu redenumiți coloane. Coloanele și foile ascunse spun importului ce se știa când ați
        descărcat fișierul.
        """
    ),
    not_a_number="Scrieți aici un număr, fără unitate de măsură.",
    not_a_day="Scrieți aici o dată.",
    not_listed="Alegeți din listă.",
)

LITHUANIAN: Final = Texts(
    values="Reikšmės",
    instructions="Nurodymai",
    headings={
        "indicator": "Rodiklis",
        "start": "Nuo",
        "end": "Iki",
        "place": "Vieta",
        "value": "Reikšmė",
        "numerator": "Skaitiklis",
        "denominator": "Vardiklis",
        "comment": "Pastaba",
        "reason": "Taisymo priežastis",
        "revision": "Versija",
        "gender": "Lytis",
        "age": "Amžius",
        "minority": "Mažuma",
    },
    lines=_paragraphs(
        """
        Užpildykite šviesius lapo „Reikšmės“ langelius, vienoje eilutėje vieną reikšmę, ir įrašykite failą
        kaip XLSX knygą.

        Kiekvienoje eilutėje nurodytas rodiklis, laikotarpis (pirma ir paskutinė diena) ir grupė; eilutė be
        grupės reiškia visus.

        Jei neturite ką pranešti, palikite langelį tuščią. Nulį rašykite tik tada, kai skaičiavote ir nieko
        neradote.

        Jei tai dalis, nurodykite skaitiklį ir vardiklį: pagal juos dalis tikrinama.

        Anksčiau pateiktos reikšmės jau įrašytos. Jei kurią nors keičiate, stulpelyje „Taisymo priežastis“
        parašykite kodėl.

        Eilutės kitoms vietoms ar laikotarpiams rašomos lapo pabaigoje: ten rinkitės iš sąrašų.

        Rašykite tik skaičius. Asmenų vardams, adresams ir asmens kodams šiame faile ne vieta, taip pat ir
        pastabose.

        Neperkelkite ir nepervadinkite stulpelių. Paslėpti stulpeliai ir lapai importui pasako, kas buvo
        žinoma atsisiunčiant failą.
        """
    ),
    not_a_number="Čia įrašykite skaičių be mato vieneto.",
    not_a_day="Čia įrašykite datą.",
    not_listed="Pasirinkite iš sąrašo.",
)

LANGUAGES: Final[Mapping[str, Texts]] = {"en": ENGLISH, "ro": ROMANIAN, "lt": LITHUANIAN}
