"""The values that conditions compare: numbers, instants, addresses, bytes.

Each reader gives None for a text that is no such value; none of them raises.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

Instant = tuple[int, str]  # seconds since 1970, digits of the fraction without trailing zeros
Network = tuple[int, int, int]  # IP version, first address, mask

# Private blocks as (IP version, length of the prefix, bits after it, prefix): 10.0.0.0/8,
# 172.16.0.0/12, 192.168.0.0/16, fc00::/7.
_PRIVATE = ((4, 8, 24, 10), (4, 12, 20, 0xAC1), (4, 16, 16, 0xC0A8), (6, 7, 121, 0x7E))
LONGEST_REMEMBERED = 64  # no address is longer; a hostile text shall not stay in memory
_MONTH_STARTS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def read_number(text: str) -> Any:
    """A decimal integer or decimal (R-COND-08); no exponent, no `inf`."""
    body = text[1:] if text[:1] in ("+", "-") else text
    whole, dot, fraction = body.partition(".")
    if not body.isascii() or not (whole or fraction) or (dot and not fraction):
        return None
    if (whole and not whole.isdigit()) or (fraction and not fraction.isdigit()):
        return None
    if not dot and len(whole) < 19:
        return int(text)
    from decimal import Decimal

    return Decimal(text)


def read_instant(text: str) -> Instant | None:
    """An ISO 8601 date in one of the W3C profiles, or epoch seconds (R-COND-09)."""
    return (_known_instant if len(text) <= LONGEST_REMEMBERED else _read_instant)(text)


def _read_instant(text: str) -> Instant | None:
    if is_epoch(text):
        return int(text), ""
    date, separator, time = text.partition("T")
    if not separator:
        date, separator, time = text.partition("t")
    days = _read_date(date, whole=bool(separator))
    if days is None:
        return None
    if not separator:
        return days * 86400, ""
    clock = _read_time(time)
    if clock is None:
        return None
    seconds, fraction = clock
    return days * 86400 + seconds, fraction


_known_instant = lru_cache(maxsize=1024)(_read_instant)


def is_epoch(text: str) -> bool:
    """Tell whether the text counts seconds since 1970: digits only."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _digits(text: str, *lengths: int) -> int | None:
    if len(text) in lengths and text.isascii() and text.isdigit():
        return int(text)
    return None


def _read_date(text: str, *, whole: bool) -> int | None:
    """Days since 1970-01-01 of `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (the last alone with a time)."""
    parts = text.split("-")
    if len(parts) > 3 or (whole and len(parts) != 3):
        return None
    year = _digits(parts[0], 4)
    month = _digits(parts[1], 2) if len(parts) > 1 else 1
    day = _digits(parts[2], 2) if len(parts) > 2 else 1
    if year is None or month is None or day is None or not 1 <= month <= 12:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = 31 - (month in (4, 6, 9, 11)) - (3 - leap) * (month == 2)
    if not 1 <= day <= length:
        return None
    before = year - 1
    days = year * 365 + before // 4 - before // 100 + before // 400 - 719527
    return days + _MONTH_STARTS[month - 1] + (leap and month > 2) + day - 1


def _read_time(text: str) -> tuple[int, str] | None:
    """Seconds into the day and the fraction's digits, of `hh:mm[:ss[.f]]` with `Z` or offset."""
    offset = 0
    if text[-1:] in ("Z", "z"):
        text = text[:-1]
    else:
        sign = max(text.rfind("+"), text.rfind("-"))
        if sign >= 0:
            zone = text[sign + 1 :]
            hours, minutes = _digits(zone[:2], 2), _digits(zone[2:].removeprefix(":"), 2, 0)
            if zone[2:] == "":
                minutes = 0
            if hours is None or minutes is None or hours > 23 or minutes > 59:
                return None
            offset = (hours * 60 + minutes) * 60 * (-1 if text[sign] == "-" else 1)
            text = text[:sign]
    clock, dot, fraction = text.partition(".")
    parts = clock.split(":")
    numbers = [_digits(part, 2) for part in parts]
    if None in numbers or not 2 <= len(numbers) <= 3 or (dot and len(numbers) != 3):
        return None
    if dot and not (fraction.isascii() and fraction.isdigit()):
        return None
    hour, minute, second = (number or 0 for number in (*numbers, 0)[:3])
    last_midnight = hour == 24 and not (minute or second or fraction.strip("0"))
    if (hour > 23 and not last_midnight) or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + second - offset, fraction.rstrip("0")


def read_address(text: str) -> tuple[int, int] | None:
    """An IPv4 or IPv6 address as (version, number)."""
    return _known_address(text) if len(text) <= LONGEST_REMEMBERED else None


@lru_cache(maxsize=4096)
def _known_address(text: str) -> tuple[int, int] | None:
    from ipaddress import ip_address

    try:
        address = ip_address(text)
    except ValueError:
        return None
    if address.version == 6 and "%" in text:
        return None
    return address.version, int(address)


def read_network(text: str) -> Network | None:
    """An address or CIDR block; set host bits are masked (R-COND-11)."""
    from ipaddress import ip_network

    _, slash, length = text.partition("/")
    if "%" in text or (slash and not (length.isascii() and length.isdigit())):
        return None  # a netmask or a zone is no CIDR
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.netmask)


def contains(network: Network, address: tuple[int, int]) -> bool:
    """Tell whether the network holds the address; an IPv4 one holds no IPv6 address."""
    version, first, mask = network
    return version == address[0] and address[1] & mask == first


def has_host_bits(text: str, network: Network) -> bool:
    """Tell whether a CIDR block has bits set after its prefix."""
    address = read_address(text.partition("/")[0])
    return address is not None and address[1] != network[1]


def network_text(network: Network) -> str:
    """Write a network as a CIDR block."""
    from ipaddress import IPv4Address, IPv6Address

    version, first, mask = network
    address = IPv4Address(first) if version == 4 else IPv6Address(first)
    return f"{address}/{mask.bit_count()}"


def is_private(network: Network) -> bool:
    """Tell whether every address of the network is private: none comes from the internet."""
    version, first, mask = network
    return any(
        version == kind and first >> after == prefix and mask.bit_count() >= size
        for kind, size, after, prefix in _PRIVATE
    )


def read_bytes(text: str) -> bytes | None:
    """The bytes that a base64 text stands for (R-COND-13)."""
    from base64 import b64decode

    try:
        return b64decode(text, validate=True)
    except ValueError:
        return None


def read_bool(text: str) -> bool | None:
    """`true` or `false` in any case (R-COND-10)."""
    return {"true": True, "false": False}.get(text.lower())
