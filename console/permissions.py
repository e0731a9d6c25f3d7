"""The words for what a person may do, the same in Python and in SQL.

The database decides; the console asks these only to leave out what would be refused anyway (docs/design.md,
"Principles"). Which role has which of them is written once, in db/policies/11_role_permissions.sql, and arrives
with the person who signs in. A test proves that this enum and `auth.permission` agree.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a role may allow, at a venue or across the platform."""

    SESSIONS_READ = "sessions.read"
    ROSTER_READ = "roster.read"
    ATTENDANCE_RECORD = "attendance.record"
    ATTENDANCE_UNDO_ANY = "attendance.undo_any"
    SESSION_CLOSE = "session.close"
    SCHEDULE_EDIT = "schedule.edit"
    SESSION_CANCEL = "session.cancel"
    ACTIVITY_EDIT = "activity.edit"
    VENUE_READ = "venue.read"
    VENUE_EDIT = "venue.edit"
    WAITLIST_MANAGE = "waitlist.manage"
    BOOKING_MANAGE = "booking.manage"
    REVIEWS_READ = "reviews.read"
    REVIEWS_REPLY = "reviews.reply"
    SCORE_READ = "score.read"
    REVIEW_ITEMS_RESOLVE = "review_items.resolve"
    PAYOUTS_READ = "payouts.read"
    PAYOUTS_RUN = "payouts.run"
    INVOICES_READ = "invoices.read"
    INVOICES_ISSUE = "invoices.issue"
    EXPORTS_CREATE = "exports.create"
    CREDITS_ADJUST = "credits.adjust"
    VENUES_APPROVE = "venues.approve"
    COMPLIANCE_MANAGE = "compliance.manage"
    REVIEWS_MODERATE = "reviews.moderate"
    CORPORATES_MANAGE = "corporates.manage"
    PEOPLE_MANAGE = "people.manage"
    DEVICES_MANAGE = "devices.manage"
    SETTINGS_MANAGE = "settings.manage"
    AUDIT_READ = "audit.read"
    PRIVACY_MANAGE = "privacy.manage"
    JOBS_MANAGE = "jobs.manage"


class StaffRole(StrEnum):
    """What a person works as; each grant names one, at one venue or across the platform."""

    FRONT_DESK = "front_desk"
    MANAGER = "manager"
    VENUE_FINANCE = "venue_finance"
    PLATFORM_ADMIN = "platform_admin"
    PLATFORM_FINANCE = "platform_finance"

    @property
    def is_platform(self) -> bool:
        """Whether the role spans every venue."""
        return self in (StaffRole.PLATFORM_ADMIN, StaffRole.PLATFORM_FINANCE)

    @property
    def words(self) -> str:
        """The role as a person reads it."""
        return _ROLE_WORDS[self]


_ROLE_WORDS = {
    StaffRole.FRONT_DESK: "Front desk",
    StaffRole.MANAGER: "Manager",
    StaffRole.VENUE_FINANCE: "Venue finance",
    StaffRole.PLATFORM_ADMIN: "Platform admin",
    StaffRole.PLATFORM_FINANCE: "Platform finance",
}
