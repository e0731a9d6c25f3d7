"""A desk over a network: only a server that proves its name with a certificate the desk trusts gets to see anything.

The embedded server is built without TLS, so these run on the system's. See docs/design.md, "The database" and
docs/security.md.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from console.errors import Unavailable
from console.storage import embedded_account, embedded_binaries, embedded_config
from console.storage.database import Database as Pool
from console.storage.embedded import EmbeddedServer
from tests.support import databases, identities

pytestmark = pytest.mark.system_server


@dataclass(frozen=True)
class Secured:
    """A server with a certificate for `localhost`, and the certificate that vouches for it."""

    database: databases.Database
    trusted: Path
    stranger: Path

    def address(self, desk: identities.Desk, host: str, root: Path) -> str:
        """How a desk is told to reach it: encrypted, and only if the name is proved."""
        login = f"{desk.role}:{desk.secret}@{host}:{self.database.server.port}"
        return f"postgresql://{login}/{self.database.name}?sslmode=verify-full&sslrootcert={root}"


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a certificate for `localhost` that vouches for itself."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    """The oldest server of the system, with TLS."""
    home = Path(tempfile.mkdtemp(prefix="nexus-tls-"))
    home.chmod(0o755)
    account = embedded_account.choose(home / "data")
    keys = account.own(home / "keys", 0o755)
    key, trusted = _certificate(keys, "server")
    _, stranger = _certificate(keys, "stranger")
    if account.uid is not None:
        shutil.chown(key, account.uid, account.gid)
    key.chmod(0o600)
    options = embedded_config.THROWAWAY | {
        "ssl": "on",
        "ssl_cert_file": str(trusted),
        "ssl_key_file": str(key),
    }
    server = EmbeddedServer(home / "pg", binaries=embedded_binaries.system()[-1], options=options)
    try:
        with server:
            databases.create_template(server)
            yield Secured(databases.clone(server, "tls"), trusted, stranger)
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def test_a_server_that_proves_its_name_is_used_over_an_encrypted_line(secured: Secured) -> None:
    address = secured.address(identities.enrol(secured.database), "localhost", secured.trusted)
    pool = Pool(address)
    try:
        rows = await pool.fetch("SELECT auth.this_device() ->> 'name'")
    finally:
        await pool.close()
    assert rows[0][0].startswith("Desk ")
    with psycopg.connect(address) as connection:
        assert connection.pgconn.ssl_in_use


@pytest.mark.parametrize("case", ["unknown certificate", "another name"])
async def test_a_server_that_does_not_prove_its_name_gets_nothing(secured: Secured, case: str) -> None:
    desk = identities.enrol(secured.database)
    unknown = case == "unknown certificate"
    host, root = ("localhost", secured.stranger) if unknown else ("127.0.0.1", secured.trusted)
    pool = Pool(secured.address(desk, host, root))
    try:
        with pytest.raises(Unavailable) as caught:
            await pool.fetch("SELECT 1")
    finally:
        await pool.close()
    assert desk.secret not in str(caught.value)
