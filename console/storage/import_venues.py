"""Which imported venues are complete, which wait, and for what (docs/decisions, 0002)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from console.domain.importing import REQUIRED_OF_VENUE, PendingVenue


def provisional_name(key: str) -> str:
    """What a place is called until somebody names it: its publisher's own number, which is no invention."""
    return f"Location {key}"


def activate(connection: psycopg.Connection[Any], venues: Sequence[UUID]) -> tuple[str, ...]:
    """Open those of `venues` that wait and lack nothing; their names. Who calls knows that they have a real name."""
    rows = connection.execute(
        """UPDATE public.venues SET status = 'active', approved_at = app.now()
           WHERE id = ANY (%s) AND status = 'pending_approval' AND num_nulls(address_line1, city, state,
               postal_code, latitude, longitude, contact_email, contact_phone) = 0
           RETURNING name""",
        [list(venues)],
    ).fetchall()
    return tuple(sorted(name for (name,) in rows))


def pending(
    connection: psycopg.Connection[Any], venues: Sequence[UUID], unnamed: Mapping[UUID, str]
) -> tuple[PendingVenue, ...]:
    """Those of `venues` that wait, and what each lacks. `unnamed` has the key of each that no file has named."""
    columns = [column for column in REQUIRED_OF_VENUE if column != "name"]
    rows = connection.execute(
        """SELECT id, name, ARRAY[address_line1, city, state, postal_code, latitude::text, longitude::text,
               contact_email, contact_phone] FROM public.venues
           WHERE id = ANY (%s) AND status = 'pending_approval' ORDER BY name, id""",
        [list(venues)],
    ).fetchall()
    found = []
    for entity, name, values in rows:
        is_unnamed = entity in unnamed and name == provisional_name(unnamed[entity])
        missing = [REQUIRED_OF_VENUE["name"]] if is_unnamed else []
        missing += [
            REQUIRED_OF_VENUE[column] for column, value in zip(columns, values, strict=True) if value is None
        ]
        found.append(PendingVenue(name, tuple(missing)))
    return tuple(found)
