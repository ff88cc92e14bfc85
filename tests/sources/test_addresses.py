from __future__ import annotations

import pytest

from monitor.core.addresses import is_public, refusal

REFUSED = """
127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 100.127.255.255
224.0.0.1 239.1.1.1 255.255.255.255 240.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 198.18.0.1 198.51.100.1
203.0.113.1 192.88.99.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12::1 ff02::1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::1 2002:7f00:1:: 2002:808:808::1 2001::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 fec0::1 2001:db8::1
::127.0.0.1 ::ffff:0:127.0.0.1 localhost 127.1 2130706433 0x7f.0.0.1
"""


@pytest.mark.parametrize("address", ["", *REFUSED.split()])
def test_what_is_not_public_is_refused_with_a_reason(address: str) -> None:
    assert refusal(address)
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8"],
)
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address) is None
    assert is_public(address)
