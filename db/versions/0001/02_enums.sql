-- Closed vocabularies. The first thirteen are the reference's; the rest serve the desk, the staff and the documents.

CREATE TYPE user_role AS ENUM ('parent', 'hr_admin', 'venue_admin', 'platform_admin');
CREATE TYPE booking_status AS ENUM ('pending', 'confirmed', 'completed', 'cancelled_parent', 'cancelled_venue', 'no_show');
CREATE TYPE venue_status AS ENUM ('pending_approval', 'active', 'suspended', 'rejected');
CREATE TYPE credit_transaction_type AS ENUM ('allocation', 'booking_debit', 'refund_credit', 'partial_refund', 'forfeit',
                                             'adjustment', 'expiry');
CREATE TYPE notification_channel AS ENUM ('email', 'sms', 'whatsapp', 'push', 'in_app');
CREATE TYPE notification_priority AS ENUM ('low', 'normal', 'high', 'urgent');
CREATE TYPE energy_level AS ENUM ('calm_focused', 'balanced', 'high_energy');
CREATE TYPE social_preference AS ENUM ('solo', 'small_group', 'big_social');
CREATE TYPE activity_category AS ENUM ('stem', 'arts_crafts', 'music', 'sports', 'nature', 'cooking', 'reading', 'building',
                                       'dance', 'drama');
CREATE TYPE subscription_tier AS ENUM ('basic', 'standard', 'premium', 'enterprise');
CREATE TYPE cancellation_reason_type AS ENUM ('schedule_conflict', 'child_sick', 'found_better_option', 'venue_cancelled',
                                              'weather', 'transportation', 'other');
CREATE TYPE time_of_day AS ENUM ('morning', 'afternoon', 'evening');
CREATE TYPE invitation_status AS ENUM ('pending', 'accepted', 'expired', 'revoked');

CREATE TYPE staff_role AS ENUM ('front_desk', 'manager', 'venue_finance', 'platform_admin', 'platform_finance');
CREATE TYPE attendance_state AS ENUM ('expected', 'in', 'out', 'absent', 'unmarked');
CREATE TYPE attendance_kind AS ENUM ('check_in', 'check_out', 'absent', 'annul');
CREATE TYPE attendance_origin AS ENUM ('live', 'queued');
CREATE TYPE attendance_outcome AS ENUM ('applied', 'applied_with_review', 'already', 'rejected');
CREATE TYPE refusal_reason AS ENUM ('unknown_code', 'wrong_venue', 'wrong_session', 'already_in', 'already_out', 'cancelled',
                                    'not_confirmed', 'session_cancelled', 'too_early', 'too_late', 'not_in',
                                    'pickup_not_authorised', 'device_revoked', 'not_permitted');
CREATE TYPE health_kind AS ENUM ('allergy', 'medical', 'dietary', 'support');
CREATE TYPE review_item_kind AS ENUM ('refused_but_came', 'pickup_alert', 'unmarked_after_close', 'late_event',
                                      'clock_suspect', 'over_capacity', 'other');
CREATE TYPE schedule_exception_kind AS ENUM ('skipped', 'changed');
CREATE TYPE closure_reason AS ENUM ('holiday', 'weather', 'maintenance', 'staffing', 'private_event', 'emergency', 'other');
CREATE TYPE device_status AS ENUM ('active', 'revoked');

CREATE TYPE payout_line_kind AS ENUM ('booking', 'adjustment', 'carried_forward');
CREATE TYPE document_kind AS ENUM ('statement', 'invoice', 'credit_note', 'export', 'compliance', 'attachment');
CREATE TYPE requirement_kind AS ENUM ('insurance', 'background_checks', 'safety_audit', 'reverification', 'payout_account');
CREATE TYPE requirement_state AS ENUM ('missing', 'pending', 'satisfied', 'expiring', 'expired', 'excepted');
