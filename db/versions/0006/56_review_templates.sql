-- What a venue's managers read when headquarters hides a parent's review, and when parents see it again.
WITH words (template_key, language_code, name, subject, body, title, short) AS (VALUES
    ('review_hidden', 'en', 'Review hidden', 'A review of {{activity}} is hidden',
     E'Hello,\n\nHeadquarters has hidden a review of {{activity}} at {{venue}} with {{stars}} of 5 stars. Parents no longer see it, and it no longer counts in the rating.\n\nReason: {{reason}}\n\nIt is in the console under Reviews.\n\nNexus Family Pass',
     'Review hidden: {{activity}}',
     E'A review of {{activity}} with {{stars}} of 5 stars is hidden and no longer counts in the rating.\nReason: {{reason}}'),
    ('review_hidden', 'es', 'Review hidden', 'Se ha ocultado una opinión sobre {{activity}}',
     E'Hola:\n\nLa central ha ocultado una opinión sobre {{activity}} en {{venue}}, de {{stars}} de 5 estrellas. Las familias ya no la ven y ya no cuenta en la valoración.\n\nMotivo: {{reason}}\n\nEstá en la consola, en Opiniones.\n\nNexus Family Pass',
     'Opinión oculta: {{activity}}',
     E'Se ha ocultado una opinión sobre {{activity}}, de {{stars}} de 5 estrellas; ya no cuenta en la valoración.\nMotivo: {{reason}}'),
    ('review_hidden', 'ru', 'Review hidden', 'Отзыв скрыт: {{activity}}',
     E'Здравствуйте!\n\nЦентральный офис скрыл отзыв: {{activity}}, {{venue}}. Оценка: {{stars}} из 5. Родители его больше не видят, и в рейтинге он не учитывается.\n\nПричина: {{reason}}\n\nОтзыв лежит в консоли, в разделе отзывов.\n\nNexus Family Pass',
     'Отзыв скрыт: {{activity}}',
     E'Отзыв скрыт и в рейтинге не учитывается: {{activity}}, оценка {{stars}} из 5.\nПричина: {{reason}}'),
    ('review_restored', 'en', 'Review restored', 'A review of {{activity}} is visible again',
     E'Hello,\n\nParents see a review of {{activity}} at {{venue}} with {{stars}} of 5 stars again, and it counts in the rating.\n\nReason: {{reason}}\n\nYou can answer it in the console under Reviews.\n\nNexus Family Pass',
     'Review visible again: {{activity}}',
     E'A review of {{activity}} with {{stars}} of 5 stars is visible again and counts in the rating.\nReason: {{reason}}'),
    ('review_restored', 'es', 'Review restored', 'Vuelve a verse una opinión sobre {{activity}}',
     E'Hola:\n\nLas familias vuelven a ver una opinión sobre {{activity}} en {{venue}}, de {{stars}} de 5 estrellas, y cuenta en la valoración.\n\nMotivo: {{reason}}\n\nPuede responder en la consola, en Opiniones.\n\nNexus Family Pass',
     'Opinión visible de nuevo: {{activity}}',
     E'Vuelve a verse una opinión sobre {{activity}}, de {{stars}} de 5 estrellas; cuenta en la valoración.\nMotivo: {{reason}}'),
    ('review_restored', 'ru', 'Review restored', 'Отзыв снова виден: {{activity}}',
     E'Здравствуйте!\n\nРодители снова видят отзыв: {{activity}}, {{venue}}. Оценка: {{stars}} из 5, она учитывается в рейтинге.\n\nПричина: {{reason}}\n\nОтветить можно в консоли, в разделе отзывов.\n\nNexus Family Pass',
     'Отзыв снова виден: {{activity}}',
     E'Отзыв снова виден и учитывается в рейтинге: {{activity}}, оценка {{stars}} из 5.\nПричина: {{reason}}')
), variables (template_key, names) AS (VALUES
    ('review_hidden', '["venue", "activity", "stars", "reason"]'),
    ('review_restored', '["venue", "activity", "stars", "reason"]')
)
INSERT INTO notification_templates
    (template_key, channel, language_code, name, email_subject, email_body_text, in_app_title, in_app_body, available_variables, category)
SELECT w.template_key, c.channel::notification_channel, w.language_code, w.name,
    CASE WHEN c.channel = 'email' THEN w.subject END, CASE WHEN c.channel = 'email' THEN w.body END,
    CASE WHEN c.channel = 'in_app' THEN w.title END, CASE WHEN c.channel = 'in_app' THEN w.short END,
    v.names::jsonb, 'reviews'
FROM words AS w JOIN variables AS v USING (template_key) CROSS JOIN (VALUES ('email'), ('in_app')) AS c (channel)
ON CONFLICT DO NOTHING;
