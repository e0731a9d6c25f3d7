"""What a healthy schema looks like, asked of the catalogue: the checks that `db check` and `doctor` share.

A database that another administrator has touched, or that a provider runs without a superuser, can differ from what
the files say. Each check is one catalogue query; each finding says what to do. See docs/design.md, "The database".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a machine key, one plain sentence, and what to do about it."""

    key: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Check:
    key: str
    sentence: str
    hint: str
    query: LiteralString


_OURS = [
    *("public", "app", "auth", "desk", "attendance", "credits", "bookings", "admin"),
    *("schedules", "notify", "stats", "jobs"),
]

CHECKS: tuple[_Check, ...] = (
    _Check(
        "row_security_off",
        "Row-level security is off on {names}.",
        "Run: nexus-console db upgrade",
        """SELECT c.oid::regclass::text FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY (%(ours)s) AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
            ORDER BY 1""",
    ),
    _Check(
        "foreign_owner",
        "These tables belong to another role than console_owner: {names}.",
        "Give them back with ALTER TABLE ... OWNER TO console_owner.",
        """SELECT c.oid::regclass::text FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
            WHERE n.nspname = ANY (%(ours)s) AND c.relkind IN ('r', 'p', 'm', 'v') AND r.rolname <> 'console_owner'
            ORDER BY 1""",
    ),
    _Check(
        "public_execute",
        "Everybody may run {names}.",
        "Run: nexus-console db upgrade",
        """SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = ANY (%(ours)s)
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
              AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                          WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') ORDER BY 1""",
    ),
    _Check(
        "loose_search_path",
        "These functions run with their owner's rights but not with a fixed search path: {names}.",
        "Run: nexus-console db upgrade",
        """SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = ANY (%(ours)s) AND p.prosecdef
              AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false) ORDER BY 1""",
    ),
    _Check(
        "loose_role",
        "These roles have rights they should not have: {names}.",
        "Run: nexus-console db upgrade",
        """SELECT rolname FROM pg_catalog.pg_roles
           WHERE rolname IN ('console_owner', 'console_auth', 'console_api', 'console_jobs', 'console_worker',
                             'console_client')
             AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb) ORDER BY 1""",
    ),
    _Check(
        "open_to_all",
        "Everybody on this server may use {names}.",
        "A superuser can close this: nexus-console db upgrade with a superuser's address.",
        """SELECT what FROM (
               SELECT 'a connection to ' || d.datname AS what FROM pg_catalog.pg_database AS d
               WHERE d.datallowconn AND EXISTS (
                   SELECT 1 FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
                   WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT')
               UNION ALL
               SELECT 'temporary tables in ' || d.datname FROM pg_catalog.pg_database AS d
               WHERE d.datallowconn AND EXISTS (
                   SELECT 1 FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
                   WHERE a.grantee = 0 AND a.privilege_type = 'TEMPORARY')
               UNION ALL
               SELECT 'the function ' || p.proname FROM pg_catalog.pg_proc AS p
               JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
               WHERE n.nspname = 'pg_catalog'
                 AND (p.proname IN ('pg_terminate_backend', 'pg_cancel_backend', 'pg_logical_emit_message',
                                    'pg_stat_get_activity') OR p.proname ~ '^(lo_|pg_(try_)?advisory)')
                 AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                             WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
               UNION ALL
               SELECT 'the language ' || l.lanname FROM pg_catalog.pg_language AS l
               WHERE l.lanname = 'plpgsql' AND EXISTS (
                   SELECT 1 FROM aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) AS a
                   WHERE a.grantee = 0 AND a.privilege_type = 'USAGE')
           ) AS open_things GROUP BY what ORDER BY what""",
    ),
    _Check(
        "clock_fixed",
        "The clock of this database stands still ({names}).",
        "Only a test, tour or demo database may do that; remove the row of app.fixed_clock.",
        "SELECT reason || ' at ' || instant::text FROM app.fixed_clock WHERE reason <> 'demo'",
    ),
)


def find_problems(connection: psycopg.Connection[Any]) -> list[Problem]:
    """Run every check on an administrator's connection to an upgraded database."""
    problems = []
    for check in CHECKS:
        names = [str(row[0]) for row in connection.execute(check.query, {"ours": _OURS}).fetchall()]
        if names:
            problems.append(Problem(check.key, check.sentence.format(names=_listed(names)), check.hint))
    return problems


def _listed(names: list[str]) -> str:
    """The first few names; a sentence of a hundred names is not one."""
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"
