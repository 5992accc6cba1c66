"""Which addresses may be read (reference/faults.md, 3)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import ConfigError
from ckanext.digitalcity.harvesters.address import AddressPolicy, is_public

NOBODY = AddressPolicy()
CLOSED = """
    127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.127.255.255
    0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1
    203.0.113.9 192.88.99.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 fec0::1 ff02::1 2001:db8::1 3fff::1
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:808:808:: ::7f00:1 ::8.8.8.8 ::ffff:127.0.0.1
    ::ffff:10.0.0.1 2001:0:4136:e378:8000:63bf:3fff:fdd2 100::1 5f00::1
"""  # fmt: skip
OPEN = "8.8.8.8 151.101.1.69 100.63.255.255 100.128.0.1 172.32.0.1 2606:4700::1111 2a00:1450:4009::200e"

v4 = st.ip_addresses(v=4)


@pytest.mark.parametrize("ip", CLOSED.split())
def test_an_address_that_is_not_public_is_refused(ip: str) -> None:
    assert not NOBODY.allows("data.example.org", ip, 443)


@pytest.mark.parametrize("ip", OPEN.split())
def test_a_public_address_is_allowed(ip: str) -> None:
    assert NOBODY.allows("data.example.org", ip, 443)


@given(v4)
def test_an_ipv4_address_in_ipv6_clothing_is_never_allowed_more_than_it_is_itself(inner: IPv4Address) -> None:
    number = int(inner)
    clothed = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x0064FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(0x20010000 << 96 | (number ^ 0xFFFFFFFF)),
        IPv6Address(number),
        IPv6Address(0x0064FF9B0001 << 80 | number),
        IPv6Address(0xFEC0 << 112 | number),
    ]
    for address in clothed:
        assert not NOBODY.allows("h", str(address), 80) or is_public(inner)


@given(v4)
def test_mapped_and_translated_forms_are_judged_as_the_host_they_lead_to(inner: IPv4Address) -> None:
    plain = NOBODY.allows("h", str(inner), 80)
    assert NOBODY.allows("h", f"::ffff:{inner}", 80) == plain
    assert NOBODY.allows("h", f"64:ff9b::{inner}", 80) == plain


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not NOBODY.allows("h", str(address), 80)


def test_a_named_place_is_allowed_on_its_port_alone() -> None:
    policy = AddressPolicy.parse(["127.0.0.1:8081", "sensors.council:8080", "[::1]:9000"])
    assert policy.allows("localhost", "127.0.0.1", 8081)
    assert not policy.allows("localhost", "127.0.0.1", 8082)
    assert policy.allows("Sensors.Council", "10.2.3.4", 8080)
    assert not policy.allows("other.council", "10.2.3.4", 8080)
    assert policy.allows("::1", "::1", 9000)


def test_a_named_network_is_allowed_on_all_ports_and_nothing_beside_it() -> None:
    policy = AddressPolicy.parse(["10.1.0.0/16", "fd00::/64"])
    assert policy.allows("h", "10.1.2.3", 1234)
    assert policy.allows("h", "::ffff:10.1.2.3", 1234)
    assert policy.allows("h", "fd00::5", 80)
    assert not policy.allows("h", "10.2.0.1", 80)
    assert not policy.allows("h", "127.0.0.1", 80)


def test_an_exception_for_a_host_is_none_for_other_forms_that_hide_it() -> None:
    policy = AddressPolicy.parse(["127.0.0.1:80"])
    assert not policy.allows("h", "2002:7f00:1::", 80)
    assert not policy.allows("h", "::7f00:1", 80)


@pytest.mark.parametrize("entry", ["localhost", "10.0.0.1", "host:", ":80", "host:99999", "10.0.0.1/8", "a/b", ""])
def test_an_exception_that_is_none_is_reported_to_the_operator(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:8081"):
        AddressPolicy.parse([entry])
