"""Readers of numbers, instants, addresses, bytes: what they take, and what they do not."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.literals import (
    read_address,
    read_bool,
    read_bytes,
    read_instant,
    read_network,
    read_number,
)

ARABIC_FIVE = "٥"
MILLION = 10**6
READERS = (read_number, read_instant, read_address, read_network, read_bytes, read_bool)


# ---- numbers (R-COND-08) ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("007", 7),
        ("5", 5),
        ("+5", 5),
        ("-5", -5),
        ("5.0", 5),
        ("5.00", 5),
        (".5", Decimal("0.5")),
        ("-.5", Decimal("-0.5")),
        ("0.1", Decimal("0.1")),
        ("9007199254740993", 9007199254740993),
        ("9" * 40, 10**40 - 1),
        ("0." + "0" * 40 + "1", Decimal(10) ** -41),
    ],
)
def test_number_is_read_exactly(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", " 5", "5 ", "5\n", "1e5", "1E5", "0x10", "0b1", "1_000", "1,000", "5.", "."),
        *("+", "-", "+-5", "--5", "5-", "1.2.3", "inf", "-inf", "Infinity", "nan", "NaN", "five"),
        *(ARABIC_FIVE, f"5{ARABIC_FIVE}", f"5.{ARABIC_FIVE}", "²", "½", "５", "\x005"),
    ],
)
def test_text_that_is_no_decimal_number_is_not_read(text):
    assert read_number(text) is None


def test_number_of_a_million_digits_is_compared_exactly():
    long = read_number("9" * MILLION)
    assert long > read_number("9" * (MILLION - 1))
    assert long == read_number("0" + "9" * MILLION)
    assert read_number("0." + "9" * MILLION) < 1


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_decimal_that_python_writes_is_read_as_it_is(number):
    assert read_number(format(number, "f")) == number


# ---- instants (R-COND-09) -----------------------------------------------------------------

MAY = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05", (MAY, "")),
        ("2026-05-01", (MAY, "")),
        ("2026-05-01T00:00Z", (MAY, "")),
        ("2026-05-01T00:00:00Z", (MAY, "")),
        ("2026-05-01t00:00:00z", (MAY, "")),
        ("2026-05-01T00:00:00.000Z", (MAY, "")),
        ("2026-05-01T00:00:00.50Z", (MAY, "5")),
        ("2026-05-01T01:00:00+01:00", (MAY, "")),
        ("2026-04-30T23:00:00-01:00", (MAY, "")),
        ("2026-05-01T05:30:00+05:30", (MAY, "")),
        ("2026-05-01T12:34:56Z", (MAY + 45296, "")),
        ("1970-01-01", (0, "")),
        ("1969-12-31T23:59:59Z", (-1, "")),
        ("0", (0, "")),
        ("1777593600", (MAY, "")),
        # AWS: digits alone are seconds, four of them too.
        ("2026", (2026, "")),
    ],
)
def test_date_is_read_as_an_instant(text, instant):
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "T", "Z", "-", "never", "2026-", "2026-5", "2026-05-1", "2026-13", "2026-00"),
        *("2026-02-30", "2026-02-29", "1900-02-29", "2026-04-31", "2026-05-00", "26-05-01"),
        *("2026/05/01", "01-05-2026", "2026-05-01 00:00:00Z", "2026-05T00:00Z", "2026-05-01T"),
        *("2026-05-01TZ", "2026-05-01T00Z", "2026-05-01T0:00Z", "2026-05-01T00:0Z"),
        *("2026-05-01T25:00Z", "2026-05-01T00:60Z", "2026-05-01T00:00:61Z"),
        *("2026-05-01T00:00:00.Z", "2026-05-01T00:00.5Z", "2026-05-01T00:00:00,5Z"),
        *("2026-05-01T00:00:00+24:00", "2026-05-01T00:00:00+01:60", "2026-05-01T00:00:00+1:00"),
        *(" 2026-05-01", "2026-05-01 ", "1e9", "1777593600.5", "+1777593600", "20260501T000000Z"),
        *("٢٠٢٦", "٢٠٢٦-٠٥-٠١", "2026-05-0１", "2026-W18-5"),
    ],
)
def test_text_that_is_no_date_is_not_read(text):
    assert read_instant(text) is None


@pytest.mark.parametrize("text", ["2024-02-29", "2000-02-29", "2026-12-31", "2026-01-31"])
def test_last_day_of_a_month_is_read(text):
    expected = int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp())
    assert read_instant(text) == (expected, "")


def test_hour_24_is_the_end_of_the_day_and_no_later():
    assert read_instant("2026-05-01T24:30:00Z") is None


def test_epoch_seconds_are_digits_only():
    assert read_instant("-5") is None


def test_fractions_order_instants():
    early, late = read_instant("2026-05-01T00:00:00.09Z"), read_instant("2026-05-01T00:00:00.1Z")
    whole, next_ = read_instant("2026-05-01T00:00:00Z"), read_instant("2026-05-01T00:00:01Z")
    assert whole < early < late < next_


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_date_that_python_writes_is_the_instant_that_python_means(moment, minutes):
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    seconds = (moment - epoch) // timedelta(seconds=1)
    assert read_instant(moment.isoformat()) == (seconds, "")


# ---- addresses (R-COND-11) ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.-4", "01.2.3.4", " 1.2.3.4"),
        *("1.2.3.4 ", "1.2.3.4/32", "0x1.2.3.4", "١.2.3.4", "１.2.3.4", ":", ":::", "1::2::3"),
        *("g::", "fe80::1%eth0", "::ffff:01.2.3.4", "12345::", "[::1]", "localhost"),
    ],
)
def test_text_that_is_no_address_is_not_read(text):
    assert read_address(text) is None


@given(st.ip_addresses())
def test_address_that_python_writes_is_read(address):
    assert read_address(str(address)) == (address.version, int(address))


def test_ipv4_mapped_address_stays_ipv6():
    assert read_address("::ffff:1.2.3.4") == (6, int(IPv6Address("::ffff:1.2.3.4")))


def test_ipv6_address_is_read_whatever_its_spelling():
    assert read_address("2001:DB8:0:0:0:0:0:1") == read_address("2001:db8::1")


@pytest.mark.parametrize(
    ("text", "version", "first", "last"),
    [
        ("10.1.2.3", 4, "10.1.2.3", "10.1.2.3"),
        ("10.0.0.0/8", 4, "10.0.0.0", "10.255.255.255"),
        ("10.1.2.3/8", 4, "10.0.0.0", "10.255.255.255"),  # host bits are masked
        ("0.0.0.0/0", 4, "0.0.0.0", "255.255.255.255"),
        ("10.0.0.0/31", 4, "10.0.0.0", "10.0.0.1"),
        ("2001:db8::/32", 6, "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::1", 6, "::1", "::1"),
        ("::ffff:10.0.0.0/104", 6, "::ffff:10.0.0.0", "::ffff:10.255.255.255"),
    ],
)
def test_network_spans_its_addresses(text, version, first, last):
    address = IPv4Address if version == 4 else IPv6Address
    got_version, start, mask = read_network(text)
    bits = 32 if version == 4 else 128
    assert got_version == version
    assert start == int(address(first))
    assert start | (~mask & ((1 << bits) - 1)) == int(address(last))


@pytest.mark.parametrize(
    "text",
    [
        *("", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8"),
        *("10.0.0.0/٨", "10.0.0.0 /8", "10/8", "10.0.0/24", "::/129", "x", "10.0.0.*"),
    ],
)
def test_text_that_is_no_network_is_not_read(text):
    assert read_network(text) is None


@pytest.mark.parametrize(
    "text", ["10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "fe80::1%1", "fe80::1%1/64"]
)
def test_netmask_or_zone_is_neither_address_nor_cidr(text):
    assert read_network(text) is None


# ---- bytes and booleans (R-COND-10, R-COND-13) --------------------------------------------


@pytest.mark.parametrize(
    "text", ["YQ", "YQ=", "!", "Y Q==", "YQ==\n", "-_8=", "é", "====", "YQ==YQ=="]
)
def test_text_that_is_no_base64_is_not_read(text):
    assert read_bytes(text) is None


@given(st.binary())
def test_base64_is_read_as_its_bytes(content):
    from base64 import b64encode

    assert read_bytes(b64encode(content).decode()) == content


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "tRuE"])
def test_true_is_read_in_any_letter_case(text):
    assert read_bool(text) is True
    assert read_bool(text.lower().replace("true", "FaLsE")) is False


@pytest.mark.parametrize("text", ["", "1", "0", "yes", "no", " true", "true ", "falſe", "t"])
def test_text_that_is_no_boolean_is_not_read(text):
    assert read_bool(text) is None


# ---- hostile texts (R-LANG-10) ------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("unit", ["9", "-", "1-", ":", "1.", "T", "+", "٣", "=", "\x00", "\ud800"])
def test_long_hostile_text_is_answered_and_never_raises(reader, unit):
    reader(unit * 100_000)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@given(text=st.text())
def test_no_reader_raises_on_any_text(reader, text):
    reader(text)
    reader("2026-05-01T" + text)
    reader("1" + text)
