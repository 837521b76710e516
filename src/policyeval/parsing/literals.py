"""Which texts are numbers, dates, addresses, bytes (R-COND-08, -09, -11, -13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network

# Private blocks as (IP version, length of the prefix, bits after it, prefix): 10.0.0.0/8,
# 172.16.0.0/12, 192.168.0.0/16, fc00::/7.
_PRIVATE = ((4, 8, 24, 10), (4, 12, 20, 0xAC1), (4, 16, 16, 0xC0A8), (6, 7, 121, 0x7E))
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_number(text: str) -> bool:
    """Tell whether the text is a decimal integer or decimal, with an optional sign."""
    body = text[1:] if text[:1] in ("+", "-") else text
    whole, dot, fraction = body.partition(".")
    return _are_digits(whole + fraction) and not (dot and not fraction)


def is_epoch(text: str) -> bool:
    """Tell whether the text counts seconds since 1970."""
    digits = text.removeprefix("-")
    return len(digits) < 19 and _are_digits(digits)


def is_date(text: str) -> bool:
    """Tell whether the text is a date in one of the W3C profiles of ISO 8601.

    `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, and the last with `Thh:mm[:ss[.f]]` and `Z` or an offset.
    """
    date, separator, time = text.replace("t", "T").partition("T")
    if separator and (date.count("-") != 2 or not _is_time(time)):
        return False
    parts = date.split("-")
    widths = (4, 2, 2)[: len(parts)]
    if len(parts) > 3 or not all(map(_has_width, parts, widths)):
        return False
    year, month, day = (int(part) for part in (*parts, "1", "1")[:3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or (month == 2 and day == 29 and not leap):
        return False
    return 1 <= day <= _DAYS[month - 1]


def _is_time(text: str) -> bool:
    if text[-1:] in ("Z", "z"):
        text = text[:-1]
    else:
        text, sign, zone = _split_zone(text)
        if sign and not _is_zone(zone):
            return False
    clock, dot, fraction = text.partition(".")
    parts = clock.split(":")
    if not 2 <= len(parts) <= 3 or not all(_has_width(part, 2) for part in parts):
        return False
    if dot and (len(parts) != 3 or not _are_digits(fraction)):
        return False
    hour, minute, second = (int(part) for part in (*parts, "0")[:3])
    return hour <= 24 and minute <= 59 and second <= 60


def _split_zone(text: str) -> tuple[str, str, str]:
    for sign in "+-":
        head, found, zone = text.rpartition(sign)
        if found:
            return head, sign, zone
    return text, "", ""


def _is_zone(text: str) -> bool:
    digits = text.replace(":", "", 1) if text[2:3] == ":" else text
    if len(digits) not in (2, 4) or not _are_digits(digits):
        return False
    return int(digits[:2]) <= 23 and int(digits[2:] or "0") <= 59


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _has_width(text: str, width: int) -> bool:
    return len(text) == width and _are_digits(text)


def read_network(text: str) -> Network | None:
    """Give the `ipaddress` network of an address or CIDR block; None where it is neither."""
    from ipaddress import ip_network

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def has_host_bits(text: str, network: Network) -> bool:
    """Tell whether a CIDR block has bits set after its prefix."""
    from ipaddress import ip_address

    return "/" in text and ip_address(text.partition("/")[0]) != network.network_address


def is_private(network: Network) -> bool:
    """Tell whether every address of the network is private: none comes from the internet."""
    first = int(network.network_address)
    return any(
        network.version == version and network.prefixlen >= size and first >> after == prefix
        for version, size, after, prefix in _PRIVATE
    )


def is_base64(text: str) -> bool:
    """Tell whether the text is base64 with its padding."""
    from base64 import b64decode

    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True
