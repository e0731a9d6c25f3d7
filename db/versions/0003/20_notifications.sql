-- Messages to people: written once per cause, delivered at most once, in the reader's language.

CREATE TYPE delivery_state AS ENUM ('waiting', 'sending', 'sent', 'failed', 'uncertain', 'suppressed');

ALTER TABLE notifications
    ADD COLUMN venue_id uuid REFERENCES venues ON DELETE CASCADE,
    ADD COLUMN template_key varchar(100),
    ADD COLUMN language_code varchar(10),
    -- What it was written for: the same cause writes to the same person by the same channel once.
    ADD COLUMN cause varchar(200),
    ADD COLUMN state delivery_state NOT NULL DEFAULT 'waiting',
    ADD COLUMN attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    ADD COLUMN next_attempt_at timestamptz,
    -- Whoever takes a message up names itself; handed_at is set before its words go to a server, and from then on it is
    -- never tried again by itself.
    ADD COLUMN lease uuid,
    ADD COLUMN leased_at timestamptz,
    ADD COLUMN handed_at timestamptz,
    ADD COLUMN sent_again_at timestamptz,
    ADD COLUMN sent_again_by uuid REFERENCES users ON DELETE RESTRICT;
COMMENT ON COLUMN notifications.send_error IS 'Why it is not sent, in words without an address.';

-- What nobody delivered so far is history: a worker that starts today must not send it.
UPDATE notifications SET state = 'sent' WHERE is_sent;
UPDATE notifications SET state = 'suppressed', send_error = 'Written before messages were delivered.' WHERE NOT is_sent;

ALTER TABLE notifications
    ADD CONSTRAINT notifications_sent_whole CHECK (is_sent = (state = 'sent')),
    ADD CONSTRAINT notifications_leased_whole CHECK ((state = 'sending') = (lease IS NOT NULL) AND (lease IS NULL) = (leased_at IS NULL));
CREATE UNIQUE INDEX notifications_once ON notifications (cause, user_id, channel) WHERE cause IS NOT NULL;
CREATE INDEX notifications_venue ON notifications (venue_id) WHERE venue_id IS NOT NULL;
CREATE INDEX notifications_due ON notifications (next_attempt_at) WHERE state = 'waiting' AND channel = 'email';
CREATE INDEX notifications_leased ON notifications (leased_at) WHERE state = 'sending';
CREATE INDEX notifications_undelivered ON notifications (created_at DESC, id DESC) WHERE state IN ('failed', 'uncertain');
CREATE INDEX notifications_sent_at ON notifications (sent_at) WHERE state = 'sent' AND channel = 'email';
CREATE INDEX notifications_sent_again_by ON notifications (sent_again_by) WHERE sent_again_by IS NOT NULL;

-- A message is held back by its reader's clock, so a zone has to be one; what never was one becomes the default.
DO $zones$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT DISTINCT u.timezone FROM users AS u LOOP
        BEGIN
            PERFORM timezone(one, timestamptz '2000-01-01 00:00+00');
        EXCEPTION WHEN invalid_parameter_value THEN
            UPDATE users SET timezone = DEFAULT WHERE timezone = one;
        END;
    END LOOP;
END
$zones$;
ALTER TABLE users ADD CONSTRAINT users_timezone_exists CHECK (timezone(timezone, timestamptz '2000-01-01 00:00+00') IS NOT NULL);

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('quiet_hours_from', '"21:00"', 'string', 'messages', 'From when on parents get no mail, by their own clock. Urgent messages go out all the same.'),
    ('quiet_hours_until', '"08:00"', 'string', 'messages', 'Until when mail to parents is held back, by their own clock.');
ALTER TABLE platform_settings ADD CONSTRAINT platform_settings_clock_times CHECK (
    key NOT IN ('quiet_hours_from', 'quiet_hours_until') OR value #>> '{}' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');

-- The words. A line all of whose variables are empty is left out, so a reason that nobody gave leaves no gap.
WITH words (template_key, language_code, name, subject, body, title, short) AS (VALUES
    ('session_cancelled', 'en', 'Session cancelled', 'Cancelled: {{activity}}, {{starts_at}}',
     E'Hello,\n\n{{activity}} for {{child}} at {{venue}} on {{starts_at}} is cancelled.\n\nReason: {{reason}}\nCredits returned: {{credits}}\n\nYou do not have to do anything.\n\nNexus Family Pass',
     'Cancelled: {{activity}}',
     E'{{activity}} for {{child}} on {{starts_at}} is cancelled.\nReason: {{reason}}\nCredits returned: {{credits}}'),
    ('session_cancelled', 'es', 'Session cancelled', 'Cancelado: {{activity}}, {{starts_at}}',
     E'Hola:\n\nSe ha cancelado {{activity}} para {{child}} en {{venue}}, {{starts_at}}.\n\nMotivo: {{reason}}\nCréditos devueltos: {{credits}}\n\nNo tiene que hacer nada.\n\nNexus Family Pass',
     'Cancelado: {{activity}}',
     E'Se ha cancelado {{activity}} para {{child}}, {{starts_at}}.\nMotivo: {{reason}}\nCréditos devueltos: {{credits}}'),
    ('session_cancelled', 'ru', 'Session cancelled', 'Отменено: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nЗанятие отменено: {{activity}}, {{venue}}, {{starts_at}}. Записан ребёнок: {{child}}.\n\nПричина: {{reason}}\nВозвращено кредитов: {{credits}}\n\nВам ничего не нужно делать.\n\nNexus Family Pass',
     'Отменено: {{activity}}',
     E'Занятие отменено: {{activity}}, {{starts_at}}. Ребёнок: {{child}}.\nПричина: {{reason}}\nВозвращено кредитов: {{credits}}'),
    ('session_changed', 'en', 'Session changed', 'Changed: {{activity}}, {{starts_at}}',
     E'Hello,\n\n{{activity}} for {{child}} at {{venue}} has changed.\n\nWhat is new: {{changes}}\nIt starts on {{starts_at}}.\nRoom: {{room}}\n\nThe booking stays. If the change does not suit you, you can cancel in the app.\n\nNexus Family Pass',
     'Changed: {{activity}}',
     E'{{activity}} for {{child}} on {{starts_at}} has changed.\nWhat is new: {{changes}}'),
    ('session_changed', 'es', 'Session changed', 'Cambio: {{activity}}, {{starts_at}}',
     E'Hola:\n\nHay un cambio en {{activity}} para {{child}} en {{venue}}.\n\nNovedades: {{changes}}\nEmpieza el {{starts_at}}.\nSala: {{room}}\n\nLa reserva se mantiene. Si el cambio no le conviene, puede cancelar en la aplicación.\n\nNexus Family Pass',
     'Cambio: {{activity}}',
     E'Hay un cambio en {{activity}} para {{child}}, {{starts_at}}.\nNovedades: {{changes}}'),
    ('session_changed', 'ru', 'Session changed', 'Изменение: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nЗанятие изменилось: {{activity}}, {{venue}}. Записан ребёнок: {{child}}.\n\nЧто нового: {{changes}}\nНачало: {{starts_at}}.\nЗал: {{room}}\n\nЗапись сохраняется. Если изменение вам не подходит, отмените её в приложении.\n\nNexus Family Pass',
     'Изменение: {{activity}}',
     E'Занятие изменилось: {{activity}}, {{starts_at}}. Ребёнок: {{child}}.\nЧто нового: {{changes}}'),
    ('booking_moved', 'en', 'Booking moved', 'Moved: {{activity}}, {{starts_at}}',
     E'Hello,\n\nThe place of {{child}} at {{venue}} has moved.\n\nBefore: {{was_activity}}, {{was_starts_at}}\nNow: {{activity}}, {{starts_at}}\n\n{{consented}}\n\nNexus Family Pass',
     'Moved: {{activity}}',
     E'The place of {{child}} has moved to {{activity}}, {{starts_at}}.\n{{consented}}'),
    ('booking_moved', 'es', 'Booking moved', 'Cambio de sesión: {{activity}}, {{starts_at}}',
     E'Hola:\n\nLa plaza de {{child}} en {{venue}} ha pasado a otra sesión.\n\nAntes: {{was_activity}}, {{was_starts_at}}\nAhora: {{activity}}, {{starts_at}}\n\n{{consented}}\n\nNexus Family Pass',
     'Cambio de sesión: {{activity}}',
     E'La plaza de {{child}} ha pasado a {{activity}}, {{starts_at}}.\n{{consented}}'),
    ('booking_moved', 'ru', 'Booking moved', 'Перенос: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nЗапись перенесена на другое занятие: {{venue}}. Ребёнок: {{child}}.\n\nБыло: {{was_activity}}, {{was_starts_at}}\nСтало: {{activity}}, {{starts_at}}\n\n{{consented}}\n\nNexus Family Pass',
     'Перенос: {{activity}}',
     E'Запись перенесена: {{activity}}, {{starts_at}}. Ребёнок: {{child}}.\n{{consented}}'),
    ('session_restored', 'en', 'Session restored', 'On again: {{activity}}, {{starts_at}}',
     E'Hello,\n\n{{activity}} at {{venue}} on {{starts_at}} takes place after all.\n\nThe earlier booking for {{child}} stays cancelled. If you would like the place, book again in the app.\n\nNexus Family Pass',
     'On again: {{activity}}',
     E'{{activity}} on {{starts_at}} takes place after all. To bring {{child}}, book again.'),
    ('session_restored', 'es', 'Session restored', 'De nuevo en el programa: {{activity}}, {{starts_at}}',
     E'Hola:\n\n{{activity}} en {{venue}}, {{starts_at}}, se celebra al final.\n\nLa reserva anterior de {{child}} sigue cancelada. Si quiere la plaza, reserve de nuevo en la aplicación.\n\nNexus Family Pass',
     'De nuevo en el programa: {{activity}}',
     E'{{activity}}, {{starts_at}}, se celebra al final. Para traer a {{child}}, reserve de nuevo.'),
    ('session_restored', 'ru', 'Session restored', 'Снова в расписании: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nЗанятие всё-таки состоится: {{activity}}, {{venue}}, {{starts_at}}.\n\nПрежняя запись отменена (ребёнок: {{child}}). Если место нужно, запишитесь снова в приложении.\n\nNexus Family Pass',
     'Снова в расписании: {{activity}}',
     E'Занятие всё-таки состоится: {{activity}}, {{starts_at}}. Ребёнок: {{child}}. Запишитесь снова.'),
    ('waitlist_offered', 'en', 'Place offered', 'A place is free: {{activity}}, {{starts_at}}',
     E'Hello,\n\nA place for {{child}} is free: {{activity}} at {{venue}} on {{starts_at}}.\n\nIt is kept for you until {{expires_at}}. Take it in the app or tell the venue.\n\nNexus Family Pass',
     'A place is free: {{activity}}',
     E'A place for {{child}} on {{starts_at}} is kept for you until {{expires_at}}.'),
    ('waitlist_offered', 'es', 'Place offered', 'Hay una plaza: {{activity}}, {{starts_at}}',
     E'Hola:\n\nHay una plaza para {{child}}: {{activity}} en {{venue}}, {{starts_at}}.\n\nSe la guardamos hasta el {{expires_at}}. Acéptela en la aplicación o avise al centro.\n\nNexus Family Pass',
     'Hay una plaza: {{activity}}',
     E'Hay una plaza para {{child}}, {{starts_at}}. Se la guardamos hasta el {{expires_at}}.'),
    ('waitlist_offered', 'ru', 'Place offered', 'Есть место: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nОсвободилось место: {{activity}}, {{venue}}, {{starts_at}}. Ребёнок: {{child}}.\n\nМесто держим до: {{expires_at}}. Подтвердите в приложении или скажите в студии.\n\nNexus Family Pass',
     'Есть место: {{activity}}',
     E'Освободилось место, {{starts_at}}. Ребёнок: {{child}}. Держим до: {{expires_at}}.'),
    ('waitlist_expired', 'en', 'Offer ran out', 'The place was given on: {{activity}}, {{starts_at}}',
     E'Hello,\n\nThe place kept for {{child}} in {{activity}} at {{venue}} on {{starts_at}} was not taken in time, so the next family was asked.\n\nYou can join the waitlist again in the app.\n\nNexus Family Pass',
     'Offer over: {{activity}}',
     E'The place kept for {{child}} on {{starts_at}} was not taken in time, so the next family was asked.'),
    ('waitlist_expired', 'es', 'Offer ran out', 'La plaza pasó a otra familia: {{activity}}, {{starts_at}}',
     E'Hola:\n\nLa plaza guardada para {{child}} en {{activity}}, {{venue}}, {{starts_at}}, no se aceptó a tiempo y se ofreció a la familia siguiente.\n\nPuede volver a la lista de espera en la aplicación.\n\nNexus Family Pass',
     'Oferta terminada: {{activity}}',
     E'La plaza guardada para {{child}}, {{starts_at}}, no se aceptó a tiempo y se ofreció a la familia siguiente.'),
    ('waitlist_expired', 'ru', 'Offer ran out', 'Место предложено другим: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nМесто не подтвердили вовремя, и его предложили следующей семье: {{activity}}, {{venue}}, {{starts_at}}. Ребёнок: {{child}}.\n\nСнова встать в очередь можно в приложении.\n\nNexus Family Pass',
     'Предложение закончилось: {{activity}}',
     E'Место не подтвердили вовремя, и его предложили следующей семье: {{starts_at}}. Ребёнок: {{child}}.'),
    ('waitlist_closed', 'en', 'Waitlist closed', 'Waitlist closed: {{activity}}, {{starts_at}}',
     E'Hello,\n\n{{activity}} at {{venue}} on {{starts_at}} does not take place, so the waitlist with {{child}} on it is closed.\n\nNothing was charged.\n\nNexus Family Pass',
     'Waitlist closed: {{activity}}',
     E'{{activity}} on {{starts_at}} does not take place, so the waitlist with {{child}} on it is closed.'),
    ('waitlist_closed', 'es', 'Waitlist closed', 'Lista de espera cerrada: {{activity}}, {{starts_at}}',
     E'Hola:\n\n{{activity}} en {{venue}}, {{starts_at}}, no se celebra; la lista de espera en la que estaba {{child}} queda cerrada.\n\nNo se ha cobrado nada.\n\nNexus Family Pass',
     'Lista de espera cerrada: {{activity}}',
     E'{{activity}}, {{starts_at}}, no se celebra; la lista de espera en la que estaba {{child}} queda cerrada.'),
    ('waitlist_closed', 'ru', 'Waitlist closed', 'Очередь закрыта: {{activity}}, {{starts_at}}',
     E'Здравствуйте!\n\nЗанятие не состоится, поэтому очередь закрыта: {{activity}}, {{venue}}, {{starts_at}}. Ребёнок: {{child}}.\n\nНичего не списано.\n\nNexus Family Pass',
     'Очередь закрыта: {{activity}}',
     E'Занятие не состоится, поэтому очередь закрыта: {{activity}}, {{starts_at}}. Ребёнок: {{child}}.')
), variables (template_key, names) AS (VALUES
    ('session_cancelled', '["child", "activity", "venue", "starts_at", "reason", "credits"]'),
    ('session_changed', '["child", "activity", "venue", "was_starts_at", "starts_at", "was_room", "room", "changes"]'),
    ('booking_moved', '["child", "activity", "was_activity", "venue", "was_starts_at", "starts_at", "consented"]'),
    ('session_restored', '["child", "activity", "venue", "starts_at"]'),
    ('waitlist_offered', '["child", "activity", "venue", "starts_at", "expires_at"]'),
    ('waitlist_expired', '["child", "activity", "venue", "starts_at"]'),
    ('waitlist_closed', '["child", "activity", "venue", "starts_at"]')
)
INSERT INTO notification_templates
    (template_key, channel, language_code, name, email_subject, email_body_text, in_app_title, in_app_body, available_variables, category)
SELECT w.template_key, c.channel::notification_channel, w.language_code, w.name,
    CASE WHEN c.channel = 'email' THEN w.subject END, CASE WHEN c.channel = 'email' THEN w.body END,
    CASE WHEN c.channel = 'in_app' THEN w.title END, CASE WHEN c.channel = 'in_app' THEN w.short END,
    v.names::jsonb, 'programme'
FROM words AS w JOIN variables AS v USING (template_key) CROSS JOIN (VALUES ('email'), ('in_app')) AS c (channel)
ON CONFLICT DO NOTHING;
