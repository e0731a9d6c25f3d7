-- What moving a booking to another session asked of its family, and how somebody left a queue.

-- The venue moved this place to another session: 'given' where the parent agreed, 'asked' where nobody knows. Who was only
-- asked may cancel for free until the session starts.
ALTER TABLE bookings ADD COLUMN move_consent varchar(10) CHECK (move_consent IN ('asked', 'given'));

ALTER TABLE waitlist DROP CONSTRAINT waitlist_removed_reason_check;
ALTER TABLE waitlist ADD CONSTRAINT waitlist_removed_reason_check CHECK (removed_reason IN (
    'user_removed', 'spot_accepted', 'spot_declined', 'spot_expired', 'session_cancelled', 'desk_removed', 'combined'));
-- A desk's own words for taking somebody off, who did, and where a combined session's queue went on.
ALTER TABLE waitlist ADD COLUMN removal_note varchar(200) CHECK (btrim(removal_note) <> '');
ALTER TABLE waitlist ADD COLUMN removed_by uuid REFERENCES users ON DELETE RESTRICT;
CREATE INDEX idx_waitlist_removed_by ON waitlist (removed_by) WHERE removed_by IS NOT NULL;
