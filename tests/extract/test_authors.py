"""Authors: one name an item, whatever a source puts into its author fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.extract.authors import names
from wirecopy.transforms.extract.pages.structured import clean


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Jane Doe", ["Jane Doe"]),
        ("By Jane Doe and John Roe", ["Jane Doe", "John Roe"]),
        ("by: Jane Doe", ["Jane Doe"]),
        ("Jane Doe, John Roe & Ann Poe", ["Jane Doe", "John Roe", "Ann Poe"]),
        ("Jane Doe; John Roe", ["Jane Doe", "John Roe"]),
        ("Jane Doe | Reuters", ["Jane Doe", "Reuters"]),
        ("Von Max Müller und Anna Schmidt", ["Max Müller", "Anna Schmidt"]),
        ("Par Marie Dupont et Jean-Luc Martin", ["Marie Dupont", "Jean-Luc Martin"]),
        ("Автор: Иван Петров", ["Иван Петров"]),
        ("作者：王小明", ["王小明"]),
        ("山田太郎、鈴木花子", ["山田太郎", "鈴木花子"]),
        ("jane.doe@example.com (Jane Doe)", ["Jane Doe"]),
        ("Jane Doe <jane.doe@example.com>", ["Jane Doe"]),
        ("Jane Doe, Political Editor", ["Jane Doe"]),
        ("Jane Doe in Paris and John Roe", ["Jane Doe", "John Roe"]),
        ("Jane Mary Doe in Paris", ["Jane Mary Doe"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."]),
        ("Ursula von der Leyen", ["Ursula von der Leyen"]),
        ("Von der Leyen", ["Von der Leyen"]),
        ("Di Maria", ["Di Maria"]),
        ("Alexander Anderson", ["Alexander Anderson"]),
        ("Byron Davies", ["Byron Davies"]),
        ("Mathatisi Sebusi/Mohalenyane Phakela", ["Mathatisi Sebusi", "Mohalenyane Phakela"]),
        ("Jane Doe (Reuters)", ["Jane Doe", "Reuters"]),
        ("dpa/afp", ["dpa", "afp"]),
        ("Jane Doe, Reuters", ["Jane Doe", "Reuters"]),
        ("Jane Doe (text) and John Roe (photos)", ["Jane Doe", "John Roe"]),
        ("Текст: Иван Петров", ["Иван Петров"]),
        ("Analysis by Jane Doe", ["Jane Doe"]),
        ("Texter Morentz", ["Texter Morentz"]),
        ("Jane Doe, MS, RD", ["Jane Doe"]),
        ("Santiago Ramón y Cajal", ["Santiago Ramón y Cajal"]),
        ("Ana López y Juan Pérez", ["Ana López", "Juan Pérez"]),
        ("Ana López y EFE", ["Ana López", "EFE"]),
        ("Anna Nowak i Jan Kowalski", ["Anna Nowak", "Jan Kowalski"]),
        ("Example Verlag GmbH", []),
        ("Redakteurin", []),
        ("Freelance sports writer", []),
        ("배윤경 기자", ["배윤경"]),
        ("Jane Doe News reporter @janedoe", ["Jane Doe"]),
        ("Jane Doe jane.doe@example.com", ["Jane Doe"]),
        ("Jane Doe | Example Media for example.com", ["Jane Doe"]),
        ('["Jane Doe", "John Roe"]', ["Jane Doe", "John Roe"]),
        ("Jane Doe,&nbsp;and&nbsp;John Roe", ["Jane Doe", "John Roe"]),
        ("Jane Doe - Staff Writer", ["Jane Doe"]),
        ("Jane Doe – dpa", ["Jane Doe", "dpa"]),
        ("Reporting by Jane Doe; Editing by John Roe", ["Jane Doe"]),
        ("Jane Doe, photos by Ann Poe", ["Jane Doe"]),
        ("Foto: Ann Poe", []),
        ("Senior Contributor", []),
        ("By Staff Reports", []),
        ("Die Redaktion", []),
        ("webadmin", []),
        ("Staff", []),
        ("admin", []),
        ("https://example.com/author/jane", []),
        ("jane@example.com", []),
        ("", []),
    ],
)
def test_a_field_gives_its_names(field, expected):
    assert names([field]) == expected


def test_a_name_is_given_once():
    assert names(["Jane Doe", "JANE DOE", "By Jane Doe"]) == ["Jane Doe"]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_field_raises_and_no_letter_is_invented(fields):
    for name in names(fields):
        assert any(all(word in clean(field) for word in name.split()) for field in fields)
