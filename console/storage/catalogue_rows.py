"""Rows of the catalogue made into the values that screens know. See docs/design.md, "Layout"."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from console.domain.catalogue import Activity, ActivityFacts, ActivityRow, ActivityState, Category, Skill


def _words(found: object) -> tuple[str, ...]:
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _tags(found: object) -> dict[str, object]:
    return dict(found) if isinstance(found, dict) else {}


def _state(row: Row[Any]) -> ActivityState:
    if not row.is_active:
        return ActivityState.AWAY
    return ActivityState.PUBLISHED if row.is_published else ActivityState.DRAFT


def read_row(row: Row[Any]) -> ActivityRow:
    """A row of the catalogue."""
    return ActivityRow(
        id=row.id,
        version=row.version,
        name=row.name,
        category=Category(row.category) if row.category else None,
        min_months=row.min_age_months,
        max_months=row.max_age_months,
        credits=row.credits_required,
        minutes=row.duration_minutes,
        capacity=row.capacity_per_session,
        state=ActivityState(row.state),
        is_published=row.is_published,
        upcoming=row.upcoming,
        rating=row.average_rating,
        reviews=row.total_reviews,
        tags=_tags(row.activity_tags),
        has_short=row.has_short,
        has_image=row.has_image,
    )


def read_activity(row: Row[Any]) -> Activity:
    """An activity with what is said of its sessions."""
    facts = ActivityFacts(
        name=row.name,
        minutes=row.duration_minutes,
        capacity=row.capacity_per_session,
        min_months=row.min_age_months,
        max_months=row.max_age_months,
        category=Category(row.category) if row.category else None,
        credits=row.credits_required,
        short=row.short_description,
        full=row.full_description,
        skill=Skill(row.skill_level),
        prerequisites=row.prerequisites,
        parent_attends=row.parent_attendance_required,
        bring=_words(row.what_to_bring),
        outcomes=_words(row.learning_outcomes),
        accessibility=_words(row.accessibility_features),
        tags=_tags(row.activity_tags),
        image=row.primary_image_url,
        gallery=_words(row.gallery_images),
    )
    return Activity(
        id=row.id,
        version=row.version,
        facts=facts,
        slug=row.slug,
        state=_state(row),
        is_published=row.is_published,
        published_at=row.published_at,
        rating=row.average_rating,
        reviews=row.total_reviews,
        upcoming=row.sessions,
        next_at=row.next_at,
        series=row.series,
    )
