-- Whose rosters a desk may open. Personal data has no table grant: it comes only out of the desk.* functions, and each of
-- them asks here first. docs/design.md, "The database", rule 2.

-- The session's venue, or a refusal: absent and foreign sessions look the same. Rosters are open from 2 days ago to 7 days
-- ahead by the venue's calendar; to managers also while a review item about the session is open.
CREATE OR REPLACE FUNCTION desk.reach(wanted_session uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_venue uuid;
    days integer;
BEGIN
    SELECT s.venue_id, s.session_date - (app.now() AT TIME ZONE v.timezone)::date INTO at_venue, days
      FROM public.activity_sessions AS s JOIN public.venues AS v ON v.id = s.venue_id
     WHERE s.id = wanted_session AND s.venue_id = ANY (auth.venue_ids());
    IF at_venue IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('roster.read', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    PERFORM auth.require('roster.read', at_venue);
    IF days NOT BETWEEN -2 AND 7 AND NOT (auth.has('review_items.resolve', at_venue) AND EXISTS (
        SELECT 1 FROM public.review_items AS r
         WHERE r.session_id = wanted_session AND r.venue_id = at_venue AND r.resolved_at IS NULL)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403',
            MESSAGE = 'Rosters can be opened from two days after the session back to a week before it.',
            DETAIL = 'roster_closed';
    END IF;
    RETURN at_venue;
END
$$;
COMMENT ON FUNCTION desk.reach(uuid) IS 'The venue of a session whose roster the caller may open; raises otherwise.';

-- Whether a child may be shown to anybody: consent given and not withdrawn since, no deletion under way. A new sign belongs
-- into desk.hidden_bookings too.
CREATE OR REPLACE FUNCTION desk.is_shown(child uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM public.children AS c
         WHERE c.id = child AND c.parental_consent_given AND NOT c.deletion_requested AND c.anonymised_at IS NULL
           AND NOT EXISTS (
               SELECT 1 FROM public.parental_consent_records AS r
                WHERE r.child_id = c.id AND r.withdrawn AND r.consent_type <> 'photo_sharing'
                  AND NOT EXISTS (
                      SELECT 1 FROM public.parental_consent_records AS n
                       WHERE n.child_id = c.id AND n.consent_type = r.consent_type AND n.consent_given AND NOT n.withdrawn
                         AND n.consented_at >= r.withdrawn_at)));
END
$$;
COMMENT ON FUNCTION desk.is_shown(uuid) IS 'Whether a child''s consent stands and no deletion has been asked for.';

-- Whole months between a birthday and a day.
CREATE OR REPLACE FUNCTION desk.months_old(born date, on_day date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (extract(year FROM age(on_day, born)) * 12 + extract(month FROM age(on_day, born)))::integer;

-- A name as it is searched: lower case, without accents. "Zoë" is found by "zo" and "zoe".
CREATE OR REPLACE FUNCTION desk.plain_name(name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN regexp_replace(normalize(lower(btrim(name)), NFD), U&'[\0300-\036F]', '', 'g');
END
$$;
