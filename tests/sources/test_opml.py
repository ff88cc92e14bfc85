from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from monitor.core.errors import ParseError
from monitor.core.model import SourceSpec
from monitor.sources.opml import read_opml, write_opml


def test_broken_opml_is_read_all_the_same() -> None:
    raw = b"""<?xml version="1.0"?><opml><body><outline text="News & Views">
    <outline text='Law & "Order"' xmlUrl="https://a.example/feed?a=1&b=2" type="rss">
    <outline title="Second" XMLURL='feed://b.example/rss' />
    <outline text="5 > 4 &lt; 6" xmlUrl="https://c.example/&amp;x"/>
    <outline text="again" xmlUrl="https://a.example/feed?a=1&amp;b=2"/>
    <!-- <outline xmlUrl="https://hidden.example/"/> -->
    <outline text="evil" xmlUrl="javascript:alert(1)"/><outline text="file" xmlUrl="file:///etc/passwd"/>
    </body>"""
    assert [(s.url, s.title) for s in read_opml(raw, place="x.opml")] == [
        ("https://a.example/feed?a=1&b=2", 'Law & "Order"'),
        ("https://b.example/rss", "Second"),
        ("https://c.example/&x", "5 > 4 < 6"),
    ]


def test_what_is_written_is_well_formed_and_read_back() -> None:
    sources = [
        SourceSpec(id="a", type="feed", location="https://a.example/?x=1&y=<2>", publisher='A "&" <Co>'),
        SourceSpec(id="b", type="folder", location="notes"),
        SourceSpec(id="c", type="feed", location="seeds/local.xml"),
    ]
    text = write_opml(sources)
    ET.fromstring(text)
    (back,) = read_opml(text.encode(), place="x.opml")
    assert (back.url, back.title) == (sources[0].location, sources[0].publisher)


@pytest.mark.parametrize("raw", [b"", b"<opml></opml>", b"\x00\x01", b"<html>no feeds</html>"])
def test_what_holds_no_feed_is_told(raw: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_opml(raw, place="x.opml")
    assert caught.value.place == "x.opml"
    assert caught.value.remedy


def test_a_hostile_file_takes_no_time() -> None:
    with pytest.raises(ParseError):
        read_opml(b"<outline " + b"a='" * 200_000, place="x.opml")
    with pytest.raises(ParseError):
        read_opml(b"<outline " * 100_000, place="x.opml")
