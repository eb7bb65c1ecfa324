"""Results read back: what CSV and JSON say is the value that DuckDB has, of every type."""

import contextlib
import csv
import io
import json
import math
import re
import threading
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wirecopy.pipelines.terminal.results import write
from wirecopy.pipelines.terminal.shown import shown, shown_lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ONE = {"max_examples": 60, "deadline": None}


@pytest.fixture(scope="module")
def con():
    with contextlib.closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield con


def written(con, form, query, parameters=None, spreadsheet=False):
    out, binary = io.StringIO(newline=""), io.BytesIO()
    relation = con.sql(query, params=parameters)
    write(con, relation, form, out, binary, spreadsheet, threading.Event())
    return out.getvalue()


def cells(text):
    csv.field_size_limit(10**7)
    return list(csv.reader(io.StringIO(text, newline="")))


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse, parse_float=Decimal)


@settings(**ONE)
@given(st.lists(st.one_of(st.none(), TEXT), min_size=1, max_size=5))
@example(["", None, "a", "=1", '"', "a,b", "a\r\nb", " x ", "NULL"])
def test_texts_come_back_and_null_is_not_empty(con, tmp_path_factory, texts):
    query = "SELECT n, t FROM (SELECT unnest(range(len($1))) AS n, unnest($1::VARCHAR[]) AS t) ORDER BY n"
    said = written(con, "csv", query, [texts])
    assert [row[1] for row in cells(said)[1:]] == [text or "" for text in texts]
    assert [row["t"] for row in json.loads(written(con, "json", query, [texts]))] == texts
    if any(text and "\0" in text for text in texts):
        return  # DuckDB's reader of CSV takes no NUL
    file = tmp_path_factory.getbasetemp() / "texts.csv"
    file.write_bytes(said.encode())
    how = "header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true, allow_quoted_nulls = false"
    how += ", auto_detect = false, columns = {'n': 'VARCHAR', 't': 'VARCHAR'}, new_line = '\\n'"
    assert [t for (t,) in con.execute(f"SELECT t FROM read_csv('{file}', {how})").fetchall()] == texts


@settings(**ONE)
@given(st.floats())
@example(1234567.891)
@example(5e-324)
@example(-0.0)
def test_floats_come_back_to_the_bit(con, value):
    query = "SELECT $1::DOUBLE AS d, coalesce(TRY_CAST($1 AS FLOAT), 0) AS f, [$1::DOUBLE] AS l"
    double, single, _ = cells(written(con, "csv", query, [value]))[1]
    assert same(float(double), value)
    (held,) = con.execute("SELECT coalesce(TRY_CAST($1 AS FLOAT), 0) = $2::FLOAT", [value, single]).fetchall()
    assert held == (True,)
    row = strict(written(con, "json", query, [value]))[0]
    assert same(float(row["d"]), value) and same(float(row["l"][0]), value)
    assert isinstance(row["d"], str) == (not math.isfinite(value))


def same(one, other):
    return (math.isnan(one) and math.isnan(other)) or (one, math.copysign(1, one)) == (other, math.copysign(1, other))


@settings(**ONE)
@given(st.integers(-(2**127), 2**127 - 1), st.integers(-(10**37), 10**37))
def test_large_integers_and_decimals_keep_every_digit(con, large, digits):
    value = Decimal(digits).scaleb(-9)
    query = f"SELECT '{large}'::HUGEINT AS h, '{value:f}'::DECIMAL(38, 9) AS d, [{{'h': '{large}'::HUGEINT}}] AS l"
    row = strict(written(con, "json", query))[0]
    assert (row["h"], Decimal(row["d"]), row["l"]) == (large, value, [{"h": large}])
    assert cells(written(con, "csv", query))[1][:2] == [str(large), f"{value:.9f}"]


DURATION = re.compile(r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?")


@settings(**ONE)
@given(st.integers(-50_000, 50_000), st.integers(-50_000, 50_000), st.integers(-(10**15), 10**15))
@example(0, 0, 0)
@example(0, -11, 34_380_000_000)
@example(1, 0, 500_000)
@example(0, 0, -1)
def test_intervals_are_iso_8601_and_come_back(con, months, days, micros):
    query = "SELECT to_months($1) + to_days($2) + to_microseconds($3::BIGINT) AS i"
    (row,) = strict(written(con, "json", query, [months, days, micros]))
    found = DURATION.fullmatch(row["i"])
    assert found and row["i"] not in ("P", "PT"), row
    years, rest, n_days, hours, minutes = (int(found[n] or 0) for n in range(1, 6))
    seconds = Decimal(found[6] or 0)
    assert (years * 12 + rest, n_days) == (months, days)
    assert (hours * 3600 + minutes * 60) * 10**6 + seconds * 10**6 == micros
    assert cells(written(con, "csv", query, [months, days, micros]))[1] == [row["i"]]


@settings(**ONE)
@given(st.datetimes(), st.times())
def test_times_are_iso_8601_and_come_back(con, at, time):
    query = (
        f"SELECT '{at}'::TIMESTAMP AS p, '{at}+00'::TIMESTAMPTZ AS z, DATE '{at:%Y-%m-%d}' AS d, '{time}'::TIME AS t"
    )
    if at.year < 1000:
        query = query.replace(f"{at:%Y-%m-%d}", at.date().isoformat())
    row = strict(written(con, "json", query))[0]
    assert at == type(at).fromisoformat(row["p"])
    assert f"{row['z']}".endswith("+00:00") and type(at).fromisoformat(row["z"]).replace(tzinfo=None) == at
    assert (row["d"], type(time).fromisoformat(row["t"])) == (at.date().isoformat(), time)
    assert cells(written(con, "csv", query))[1] == list(row.values())


@pytest.mark.parametrize(
    ("value", "as_json", "as_text"),
    [
        ("NULL", None, ""),
        ("true", True, "true"),
        ("'infinity'::DATE", "infinity", "infinity"),
        ("'-infinity'::TIMESTAMPTZ", "-infinity", "-infinity"),
        ("'0044-03-15 (BC)'::DATE", "0044-03-15 (BC)", "0044-03-15 (BC)"),
        ("TIMESTAMP_NS '2022-01-01 10:00:00.123456789'", *["2022-01-01T10:00:00.123456789"] * 2),
        ("TIMESTAMPTZ '2022-01-01 10:00:00.5+02'", *["2022-01-01T08:00:00.5+00:00"] * 2),
        ("TIMETZ '10:00:00+02'", *["10:00:00+02:00"] * 2),
        ("'\\xAA\\x00a'::BLOB", "\\xAA\\x00a", "\\xAA\\x00a"),
        ("'0101'::BIT", "0101", "0101"),
        ("'b'::ENUM('a', 'b')", "b", "b"),
        ("'c8f5327d-1c56-8927-a452-b54a0152005b'::UUID", *["c8f5327d-1c56-8927-a452-b54a0152005b"] * 2),
        ("[1, NULL]", [1, None], "[1, null]"),
        ("[]", [], "[]"),
        ("[1, 2]::INTEGER[2]", [1, 2], "[1, 2]"),
        ("[[interval '1 day', NULL], NULL]", [["P1D", None], None], '[["P1D", null], null]'),
        ("{'a b': 1, 'c': {'d': NULL}}", {"a b": 1, "c": {"d": None}}, '{"a b": 1, "c": {"d": null}}'),
        ("NULL::STRUCT(a INTEGER)", None, ""),
        ("row(1, 'x')", [1, "x"], '[1, "x"]'),
        ("MAP {'k': [DATE '2022-01-01'], 'l': NULL}", {"k": ["2022-01-01"], "l": None}, None),
        ("MAP {[1, 2]: 3}", {"[1, 2]": 3}, None),
        ("NULL::MAP(VARCHAR, INTEGER)", None, ""),
        ("union_value(num := 1)", {"num": 1}, '{"num": 1}'),
        ("'x'::UNION(num INTEGER, str VARCHAR)", {"str": "x"}, '{"str": "x"}'),
        ("[union_value(num := NULL::INTEGER)]", [{"num": None}], None),
        ("""'{"a": [1, 2.50, "\\u202e"]}'::JSON""", {"a": [1, Decimal("2.50"), "\u202e"]}, None),
        ("'NaN'::JSON", "NaN", "NaN"),
        ("['nan'::FLOAT]", ["NaN"], '["NaN"]'),
        ("repeat('long ', 100000)", "long " * 100_000, "long " * 100_000),
        ("170141183460469231731687303715884105727::UHUGEINT", *[2**127 - 1] * 2),
    ],
)
def test_each_type_has_one_form(con, value, as_json, as_text):
    query = f"SELECT 0 AS n, {value} AS v, {value} AS v"
    said = written(con, "json", query)
    assert strict(said)[0]["v"] == as_json
    text = cells(written(con, "csv", query))[1][1]
    if as_text is not None:
        assert text == str(as_text)
    else:
        assert strict(text) == as_json
    for form in ("table", "markdown"):
        assert written(con, form, query)


def test_one_query_runs_once_whatever_the_form(con):
    con.execute("CREATE OR REPLACE SEQUENCE runs")
    for n, form in enumerate(("csv", "json", "table", "markdown"), 1):
        assert str(n) in written(con, form, "SELECT nextval('runs') AS n")
        assert str(n + 1) not in written(con, form, "SELECT currval('runs') AS n")


@settings(**ONE)
@given(st.lists(TEXT, min_size=1, max_size=4))
@example(["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\t=1", "\r=1", "safe"])
def test_a_spreadsheet_gets_no_formula(con, texts):
    query = "SELECT unnest($1::VARCHAR[]) AS t, -1 AS n"
    for text, (cell, number) in zip(
        texts, cells(written(con, "csv", query, [texts], spreadsheet=True))[1:], strict=True
    ):
        assert number == "-1"
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert cell in (text, "'" + text)


@settings(**ONE)
@given(TEXT)
@example("a|b\\c\n*d*<e>")
def test_markdown_says_the_text(con, text):
    row = written(con, "markdown", "SELECT $1::VARCHAR AS t", [text]).split("\n")[2]
    told = "\n".join(re.sub(r"\\([\\`*\[\]<>&~|_])", r"\1", part) for part in row[2:-2].split("<br>"))
    plain = text.replace("\r\n", "\n")
    assert told == shown_lines(plain) if "\t" not in plain else True
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", row[2:-2])


@given(TEXT)
@example("\x1b[2J\x07\u202e\u200dx")
@example("می\u200cخواهم e\u0301 \U0001f469\u200d\U0001f680 10\u00a0000")
def test_what_is_shown_commands_nothing(text):
    told = shown(text)
    assert "\n" not in told and not set(told) & set("\x1b\x07\x9b\u202e\u2066\u200b\ufeff\r\b")
    assert not told or told[0] not in "\u200c\u200d\u0301"
    assert shown(told) == told


def test_words_of_every_script_are_shown_as_they_are():
    for text in ("می\u200cخواهم", "cafe\u0301", "\U0001f469\u200d\U0001f680", "10\u00a0000", "東京\u3000新聞"):
        assert shown(text) == text
