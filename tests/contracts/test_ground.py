"""What the tests themselves stand on: who they are, and that nothing leaves this machine."""

from __future__ import annotations

import socket
import warnings
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import NetworkUsed


def test_no_test_reaches_the_network() -> None:
    with pytest.raises(NetworkUsed), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkUsed):
        socket.getaddrinfo("example.org", 443)


def test_unix_sockets_and_loopback_stay_open(tmp_path: Path) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
    with socket.socket(socket.AF_UNIX) as local, pytest.raises(FileNotFoundError):
        local.connect(str(tmp_path / "nobody"))


def test_a_warning_is_an_error() -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


@pytest.mark.django_db
def test_the_database_is_one_of_the_tests_own() -> None:
    assert str(connection.settings_dict["NAME"]).startswith("test_")


def test_key_and_files_are_the_test_runs_own() -> None:
    from handover import engine

    for place in (settings.INSTALLATION_KEY, settings.MEDIA_ROOT, settings.STATIC_ROOT):
        assert not Path(place).is_relative_to(engine.state_folder())
