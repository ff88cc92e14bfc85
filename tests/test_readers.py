"""One key of the configuration chooses the reader, and whatever it chooses stands behind the one port."""

from typing import get_args

from monitor.bootstrap.readers import READERS
from monitor.config.settings import ReaderName


def test_every_reader_that_the_configuration_can_name_is_there() -> None:
    assert set(READERS) == set(get_args(ReaderName))
