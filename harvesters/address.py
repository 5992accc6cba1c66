"""Which addresses may be read. Pure policy: no network here; ``connect`` asks it about the address really used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ckanext.digitalcity.core.errors import ConfigError

from .urls import split

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `is_global` alone is not enough: depending on Python's version it lets multicast through, protocol assignments
# (RFC 6890), and the relays of 6to4 (RFC 7526).
CLOSED_V4 = tuple(map(IPv4Network, ("224.0.0.0/4", "192.0.0.0/24", "192.88.99.0/24")))

# IPv6 hands out public addresses from 2000::/3 alone (IANA registry). In there: protocol assignments with Teredo
# (RFC 2928), documentation (RFC 3849, RFC 9637), and 6to4, which hides an IPv4 address (RFC 3056).
PUBLIC_V6 = IPv6Network("2000::/3")
CLOSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how a network without IPv4 reaches the rest of the world


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Public addresses are allowed, and what the operator has named besides.

    Attributes:
        places: host (a name or an address, lower case) and port.
        networks: whole networks, all ports.
    """

    places: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AddressPolicy:
        """Reads the operator's exceptions: ``host:port``, ``[::1]:8081`` or ``10.1.0.0/16``.

        Raises:
            ConfigError: an entry is none of these.
        """
        places: set[tuple[str, int]] = set()
        networks: list[Network] = []
        for entry in entries:
            host, colon, port = entry.rpartition(":")
            try:
                if "/" in entry:
                    networks.append(ip_network(entry))
                elif colon and host.strip("[]") and port.isdigit() and 0 < int(port) < 65536:
                    places.add((host.strip("[]").lower(), int(port)))
                else:
                    raise ValueError
            except ValueError:
                raise ConfigError(
                    f"“{entry}” is not an address that sources can be allowed to read from.",
                    "Write host:port, such as 127.0.0.1:8081, or a network, such as 10.1.0.0/16.",
                ) from None
        return cls(frozenset(places), tuple(networks))

    @classmethod
    def only(cls, proxy: str) -> AddressPolicy:
        """Beside public addresses, the operator's own proxy."""
        parts = split(proxy)
        return cls(frozenset({((parts.hostname or "").lower(), parts.port or 80)}))

    def allows(self, host: str, ip: str, port: int) -> bool:
        """Whether a connection may be made.

        Args:
            host: as it stands in the address that was asked for.
            ip: what it resolved to, and what will be connected to.
        """
        address = unwrapped(ip_address(ip.partition("%")[0]))
        if (host.lower(), port) in self.places or (str(address), port) in self.places:
            return True
        return is_public(address) or any(address in network for network in self.networks)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 form that leads to just that host: ``::ffff:1.2.3.4``, ``64:ff9b::1.2.3.4``."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may reach it: not private, loopback, link-local, shared, multicast, reserved."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in CLOSED_V4)
    return address in PUBLIC_V6 and not any(address in network for network in CLOSED_V6)
