-- What each role may do. Platform staff see no child: rosters are the venue's, and headquarters helps with the booking
-- behind a code, not with a name. venue_finance likewise. Whatever is not listed is not allowed.

WITH wanted (role, permission) AS (
    SELECT r.role::staff_role, p.permission::auth.permission
    FROM (VALUES
        ('front_desk', ARRAY['sessions.read', 'roster.read', 'attendance.record', 'session.close', 'waitlist.manage',
                             'booking.manage', 'venue.read']),
        ('manager', ARRAY['sessions.read', 'roster.read', 'attendance.record', 'attendance.undo_any', 'session.close',
                          'schedule.edit', 'session.cancel', 'activity.edit', 'venue.read', 'venue.edit',
                          'waitlist.manage', 'booking.manage', 'reviews.read', 'reviews.reply', 'score.read',
                          'review_items.resolve', 'exports.create']),
        ('venue_finance', ARRAY['sessions.read', 'venue.read', 'score.read', 'payouts.read', 'exports.create']),
        ('platform_admin', ARRAY['sessions.read', 'schedule.edit', 'session.cancel', 'activity.edit', 'venue.read',
                                 'venue.edit', 'booking.manage', 'reviews.read', 'score.read', 'review_items.resolve',
                                 'payouts.read', 'invoices.read', 'exports.create', 'credits.adjust', 'venues.approve',
                                 'compliance.manage', 'reviews.moderate', 'corporates.manage', 'people.manage',
                                 'devices.manage', 'settings.manage', 'audit.read', 'privacy.manage', 'jobs.manage']),
        ('platform_finance', ARRAY['sessions.read', 'venue.read', 'payouts.read', 'payouts.run', 'invoices.read',
                                   'invoices.issue', 'exports.create'])
    ) AS r (role, permissions), unnest(r.permissions) AS p (permission)
), gone AS (
    DELETE FROM auth.role_permissions x
    WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.role = x.role AND w.permission = x.permission)
)
INSERT INTO auth.role_permissions (role, permission)
SELECT w.role, w.permission FROM wanted w
ON CONFLICT DO NOTHING;
