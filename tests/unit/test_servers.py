"""Addresses with several hosts, and what a computer remembers of its servers."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from psycopg import conninfo

from console import paths
from console.errors import Invalid
from console.storage.dsn import desk_dsn, each_host
from console.storage.servers import KnownServers, usual_place


def test_each_host_of_an_address_is_asked_for_itself_and_for_writing() -> None:
    dsn = desk_dsn("postgresql://desk:secret@localhost:1,127.0.0.1:2,[::1]:3/nexus")
    hosts = [conninfo.conninfo_to_dict(one) for one in each_host(dsn)]
    assert [(one["host"], one["port"]) for one in hosts] == [
        ("localhost", "1"),
        ("127.0.0.1", "2"),
        ("::1", "3"),
    ]
    for one in hosts:
        assert (one["user"], one["dbname"], one["target_session_attrs"]) == ("desk", "nexus", "read-write")
        assert (one["connect_timeout"], one["tcp_user_timeout"], one["keepalives_idle"]) == (
            "3",
            "15000",
            "10",
        )
        assert (one["keepalives_interval"], one["keepalives_count"]) == ("3", "3")


def test_one_port_may_stand_for_all_hosts_and_none_for_the_usual_one() -> None:
    dsn = desk_dsn("host=db1.example,db2.example port=6000 dbname=nexus")
    assert [conninfo.conninfo_to_dict(one)["port"] for one in each_host(dsn)] == ["6000", "6000"]
    assert [conninfo.conninfo_to_dict(one).get("port") for one in each_host("host=a,b port=,5433")] == [
        None,
        "5433",
    ]
    assert len(each_host("dbname=nexus")) == 1
    assert conninfo.conninfo_to_dict(dsn)["sslmode"] == "verify-full"


def test_hosts_with_addresses_keep_both_so_that_the_name_is_verified() -> None:
    hosts = each_host("host=db1.example,db2.example hostaddr=192.0.2.1,192.0.2.2 dbname=nexus")
    assert [conninfo.conninfo_to_dict(one)["hostaddr"] for one in hosts] == ["192.0.2.1", "192.0.2.2"]
    assert [conninfo.conninfo_to_dict(one)["host"] for one in hosts] == ["db1.example", "db2.example"]


def test_one_host_of_several_that_is_another_machine_makes_all_of_them_encrypted() -> None:
    words = conninfo.conninfo_to_dict(desk_dsn("postgresql://localhost,db2.example/nexus"))
    assert words["sslmode"] == "verify-full"
    with pytest.raises(Invalid):
        desk_dsn("postgresql://localhost,db2.example/nexus?sslmode=disable")


@pytest.mark.parametrize("ports", ["1,2", "1,2,3,4"])
def test_an_address_with_ports_for_other_hosts_is_refused_with_the_reason(ports: str) -> None:
    with pytest.raises(Invalid, match="as many ports as hosts"):
        desk_dsn(f"host=a,b,c port={ports} dbname=nexus sslmode=verify-full")


def test_the_newest_timeline_of_each_server_is_kept_across_restarts(tmp_path: Path) -> None:
    place = tmp_path / "data" / "servers.json"
    known = KnownServers(place)
    assert known.timeline("7301") == 0
    known.remember("7301", 3)
    known.remember("7301", 2)
    known.remember("7402", 1)
    again = KnownServers(place)
    assert (again.timeline("7301"), again.timeline("7402"), again.timeline("7503")) == (3, 1, 0)
    if os.name == "posix":
        assert place.stat().st_mode & 0o077 == 0


def test_two_consoles_of_one_computer_forget_nothing_of_each_other(tmp_path: Path) -> None:
    place = tmp_path / "servers.json"
    consoles = [KnownServers(place) for _ in range(4)]
    for known in consoles:
        assert known.timeline("1") == 0  # each has read the file before the others write it
    threads = [
        threading.Thread(target=known.remember, args=(str(number % 2), number + 1))
        for number, known in enumerate(consoles)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [KnownServers(place).timeline(server) for server in "01"] == [3, 4]


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"7301": "x"}', "\udcff".encode("utf-8", "surrogateescape")]
)
def test_what_cannot_be_read_is_kept_anew(tmp_path: Path, content: str | bytes) -> None:
    place = tmp_path / "servers.json"
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    known = KnownServers(place)
    assert known.timeline("7301") == 0
    known.remember("7301", 2)
    assert KnownServers(place).timeline("7301") == 2


def test_a_disk_that_takes_nothing_does_not_keep_a_desk_from_its_server(
    tmp_path: Path, expected_logs: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    known = KnownServers(tmp_path / "file" / "servers.json")
    known.remember("7301", 2)
    assert known.timeline("7301") == 2
    assert len(expected_logs) == 1
    assert "timeline" in expected_logs[0]


def test_they_lie_with_the_desks_other_data() -> None:
    assert usual_place() == paths.data_dir() / "servers.json"
