"""Which network addresses may be dialled for a stranger's URL (feeds, redirects, webhooks). Pure."""

from __future__ import annotations

import ipaddress

# `ipaddress.is_global` says yes to most of these (measured): they may end inside somebody's network.
_BLOCKED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "192.0.0.0/24",  # protocol assignments with 192.0.0.8, RFC 7600
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "fec0::/10",  # site-local, RFC 3879
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out, RFC 4291 section 2.4


def refusal(address: str) -> str | None:
    """Return why `address` (literal IPv4 or IPv6) must not be dialled, or None when it is public."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return "not an IP address"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    for reason, is_so in (
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("multicast", ip.is_multicast),
        ("unspecified", ip.is_unspecified),
        ("private", ip.is_private),
    ):
        if is_so:
            return reason
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return "reserved"
    if any(ip in net for net in _BLOCKED if net.version == ip.version):
        return "translated or shared"
    return None if ip.is_global else "reserved"


def is_public(address: str) -> bool:
    """Return whether `address` is a public address of the internet."""
    return refusal(address) is None
