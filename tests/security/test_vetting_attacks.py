"""Vetting, scores and reviews from outside: other roles, other venues, and what of one's own venue is not to be read.

docs/design.md, "The database" (authorisation) and "Rules of the domain" (compliance, scores).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.security.attacks import REFUSED, refused, rows, value
from tests.security.conftest import Target
from tests.security.vetting_stock import CALLS, DESK, EVERYBODY, FINANCE, MANAGER, Papers, arguments, papers
from tests.support import identities
from tests.support.databases import Connection
from tests.support.identities import SignedIn

Answer = tuple[str | None, str | None, str | None]
BESIDE = (
    "UPDATE venues SET status = 'active'",
    "UPDATE venues SET suspended_at = NULL, suspension_reason = NULL",
    "UPDATE venues SET current_performance_score = 100",
    "UPDATE venues SET is_curation_eligible = true",
    "UPDATE venues SET insurance_expiry_date = '2099-01-01'",
    "UPDATE venues SET next_verification_due = '2099-01-01'",
    "UPDATE venue_requirements SET state = 'satisfied'",
    "UPDATE venue_requirements SET excepted_until = '2099-01-01'",
    "INSERT INTO venue_requirements (venue_id, requirement) SELECT id, 'insurance' FROM venues",
    "UPDATE venue_performance_scores SET composite_score = 100",
    "INSERT INTO venue_performance_scores (venue_id, score_week_start) SELECT id, '2026-02-23' FROM venues",
    "DELETE FROM venue_performance_scores",
    "UPDATE reviews SET is_visible = false",
    "UPDATE reviews SET rating = 5",
    "INSERT INTO reviews (rating) VALUES (5)",
    "DELETE FROM reviews",
    "UPDATE activities SET average_rating = 5",
    "UPDATE platform_settings SET value = '0' WHERE key = 'insurance_minimum_coverage'",
    "UPDATE notification_templates SET in_app_body = 'x'",
    "INSERT INTO documents (kind, file_name, media_type, content) VALUES ('compliance', 'a', 'text/html', '<')",
    "SELECT content FROM documents",
    "SELECT tax_number FROM venues",
    "SELECT legal_name FROM venues",
    "SELECT insurance_policy_number FROM venues",
    "SELECT payout_account_last_four FROM venues",
    "SELECT user_id FROM reviews",
    "SELECT vetting.settle_requirements(NULL)",
    "SELECT vetting.write_event(NULL, NULL, 'approved')",
    "SELECT vetting.open_case(NULL, 'reinstatement')",
    "SELECT vetting.put_claim(NULL)",
    "SELECT vetting.put_suspended(NULL, '')",
    "SELECT vetting.requirement_pages(NULL)",
    "SELECT vetting.filing_page(NULL, NULL, true)",
    "SELECT vetting.venue_facts(NULL)",
    "SELECT vetting.history(NULL)",
    "SELECT vetting.file_staff(NULL)",
    "SELECT vetting.standings('{}')",
    "SELECT vetting.case_rows('{}')",
    "SELECT vetting.shown_applications('{}')",
    "SELECT vetting.candidates('[]')",
    "SELECT vetting.keep_papers(NULL, NULL, '[]', '{}')",
    "SELECT vetting.make_venue(NULL, 'x')",
    "SELECT vetting.watch()",
    "SELECT app.job_watch_compliance()",
    "SELECT scores.compute('2026-02-23')",
    "SELECT scores.compute_due()",
    "SELECT scores.settle_standing('{}', 0)",
    "SELECT scores.facts('2026-02-23', '{}', '{}')",
    "SELECT app.job_compute_scores()",
    "SELECT feedback.causes('{}')",
    "SELECT feedback.shown('{}')",
    "SELECT feedback.tell_managers(NULL, 'review_hidden', '{}', 'x', NULL)",
)
TABLES = (
    "venue_keys", "venue_applications", "venue_cases", "requirement_filings", "background_checks", "filing_documents",
    "document_reads", "venue_events", "decision_templates", "score_formulas", "score_disputes", "review_decisions",
    "review_reply_drafts", "venue_file_notes", "venue_incidents", "announcements", "announcement_venues",
    "announcement_reads",
)  # fmt: skip
# Of our own venue, what each role must not read, however it asks.
HIDDEN = {
    MANAGER: ("-note", "-incident"),
    FINANCE: ("-note", "-incident", "-policy", "-file", "-title", "-person", "-words", "-application"),
    DESK: (
        "-note",
        "-incident",
        "-policy",
        "-file",
        "-title",
        "-person",
        "-words",
        "-application",
        "-dispute",
    ),
}


@pytest.fixture(scope="module")
def ours(target: Target) -> Papers:
    with target.administrator() as admin:
        return papers(admin, target.ours.venue, target.manager.id, "ours")


@pytest.fixture(scope="module")
def theirs(target: Target) -> Papers:
    with target.administrator() as admin:
        return papers(admin, target.theirs.venue, target.victim.id, "theirs")


@pytest.fixture(scope="module")
def staff(target: Target) -> dict[str, SignedIn]:
    """Who works at our venue, by role."""
    return {DESK: target.mallory, MANAGER: target.manager, FINANCE: target.finance}


@pytest.fixture
def outsiders(target: Target) -> Iterator[list[Connection]]:
    """Nobody signed in, and people of headquarters and of our venue where they have no business with it."""
    bound = identities.enrol(target.database, venue_id=target.theirs.venue)
    people = [
        identities.signed_in(target.database, "platform_finance"),
        # Our own manager, and a platform admin, at a desk that stands in the other house.
        identities.signed_in(target.database, "manager", target.ours.venue, desk=bound),
    ]
    with closing(target.desk.connect()) as nobody:
        yield [nobody, *(person.connection for person in people)]
    for person in people:
        person.connection.close()


def asked(connection: Connection, statement: str, of: Papers) -> Answer | str:
    """How a call is refused, or everything it answers; nothing of it stays."""
    text, values = arguments(statement, of)
    try:
        with connection.transaction(force_rollback=True):
            return str(rows(connection, text, values))
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary, error.diag.message_detail


def kept(administrator: Connection, venue: object) -> object:
    """Everything there is of a venue in these tables."""
    found = {}
    for table in (
        *TABLES,
        "venues",
        "venue_requirements",
        "venue_performance_scores",
        "reviews",
        "documents",
    ):
        column = value(
            administrator,
            """SELECT max(attname) FROM pg_attribute WHERE attrelid = %s::text::regclass
                AND attname = CASE WHEN %s = 'venues' THEN 'id' ELSE 'venue_id' END""",
            [table, table],
        )
        if column is not None:
            whole = "coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')"
            statement = f"SELECT {whole} FROM {table} AS t WHERE {column} = %s"
            found[table] = value(administrator, statement, [venue])
    return found


def test_every_function_a_desk_may_call_is_attacked(administrator: Connection) -> None:
    found = rows(
        administrator,
        """SELECT n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname IN ('vetting', 'scores', 'feedback')
              AND has_function_privilege('console_client', p.oid, 'EXECUTE')""",
    )
    named = {text.split("(")[0].split()[-1] for text in CALLS}
    assert named == {row[0] for row in found}
    assert len(found) == len(CALLS)


@pytest.mark.parametrize("statement", CALLS)
def test_a_role_does_what_is_its_own_and_nothing_at_another_venue(
    statement: str, ours: Papers, theirs: Papers, staff: dict[str, SignedIn], administrator: Connection
) -> None:
    before = kept(administrator, theirs.venue)
    for role, person in staff.items():
        mine = asked(person.connection, statement, ours)
        their, absent = (asked(person.connection, statement, of) for of in (theirs, theirs.absent()))
        if role not in CALLS[statement]:
            assert mine == their == absent, role
            assert isinstance(mine, tuple)
            assert (mine[0], mine[2]) == (REFUSED, "not_permitted"), role
            continue
        assert mine[0] != REFUSED, (role, mine)
        # A venue of somebody else is as absent as none.
        if "%(" in statement:
            assert isinstance(their, tuple), (role, their)
            assert their == absent, role
            assert their[0] in {REFUSED, "NX404"}
        assert theirs.word not in str(mine)
    assert kept(administrator, theirs.venue) == before


@pytest.mark.parametrize("statement", CALLS)
def test_outsiders_are_refused_alike_for_what_is_and_what_is_not(
    statement: str, ours: Papers, outsiders: list[Connection]
) -> None:
    for attacker in outsiders:
        if CALLS[statement] == EVERYBODY and attacker is outsiders[1]:
            continue  # what is for everybody at a venue is for finance at headquarters too
        mine, absent = (asked(attacker, statement, of) for of in (ours, ours.absent()))
        if "%(" in statement or attacker is outsiders[0]:
            assert mine == absent
            assert isinstance(mine, tuple)
            assert mine[0] in {REFUSED, "NX404"}
        assert ours.word not in str(mine)


def test_nobody_reads_in_an_answer_what_is_not_theirs(
    ours: Papers, staff: dict[str, SignedIn], target: Target, administrator: Connection
) -> None:
    (parent,) = rows(
        administrator,
        "SELECT u.first_name || '|' || u.email FROM reviews AS r JOIN users AS u ON u.id = r.user_id WHERE r.id = %s",
        [ours.review],
    )[0]
    for role, person in staff.items():
        for statement in CALLS:
            said = str(asked(person.connection, statement, ours))
            for secret in (*(ours.word + end for end in HIDDEN[role]), *parent.split("|")):
                assert secret not in said, (role, statement)
    # Headquarters neither reads whose a review is.
    for statement in CALLS:
        said = str(asked(target.admin_person.connection, statement, ours))
        assert not any(secret in said for secret in parent.split("|")), statement


def test_the_tables_are_read_and_written_by_nobody(
    target: Target, staff: dict[str, SignedIn], ours: Papers
) -> None:
    people = [target.admin_person, *staff.values()]
    for table in TABLES:
        for statement in (
            f"SELECT * FROM {table}",
            f"SELECT count(*) FROM {table}",
            f"SELECT 1 FROM {table} FOR SHARE",
            f"EXPLAIN SELECT * FROM {table}",
            f"INSERT INTO {table} DEFAULT VALUES",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"COPY {table} TO STDOUT",
        ):
            for person in people:
                refused(person.connection, statement)
    columns = "venue_id = venue_id"
    for table in TABLES[:10]:
        refused(target.admin_person.connection, f"UPDATE {table} SET {columns}", by=("42501", "42703"))


def test_nothing_is_done_or_read_beside_the_functions(
    target: Target, staff: dict[str, SignedIn], ours: Papers
) -> None:
    for statement in BESIDE:
        for person in (target.admin_person, *staff.values()):
            refused(person.connection, statement, by=("42501", "42883"))


def test_statistics_tell_nothing_of_them(
    staff: dict[str, SignedIn], ours: Papers, administrator: Connection
) -> None:
    administrator.execute("ANALYZE requirement_filings, background_checks, venue_file_notes, venues")
    for person in staff.values():
        found = rows(
            person.connection,
            """SELECT tablename, attname FROM pg_stats
                WHERE tablename = ANY (%s) OR attname IN ('tax_number', 'legal_name')""",
            [list(TABLES)],
        )
        assert found == []
