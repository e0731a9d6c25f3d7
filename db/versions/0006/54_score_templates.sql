-- What a venue reads when it is answered about its score.
WITH words (language_code, subject, body, title, short) AS (VALUES
    ('en', 'Your question about the score of {{venue}}',
     E'Hello,\n\nYou asked about the score of {{venue}} in the week of {{week}}. {{outcome}}\n\n{{answer}}\n\nThe score with its numbers is in the console under Score.\n\nNexus Family Pass',
     'Answered: score of {{venue}}', E'Week of {{week}}: {{outcome}}\n{{answer}}'),
    ('es', 'Su pregunta sobre la puntuación de {{venue}}',
     E'Hola:\n\nPreguntó por la puntuación de {{venue}} en la semana del {{week}}. {{outcome}}\n\n{{answer}}\n\nLa puntuación con sus cifras está en la consola, en Puntuación.\n\nNexus Family Pass',
     'Respuesta: puntuación de {{venue}}', E'Semana del {{week}}: {{outcome}}\n{{answer}}'),
    ('ru', 'Ваш вопрос об оценке {{venue}}',
     E'Здравствуйте!\n\nВы спрашивали об оценке {{venue}} за неделю с {{week}}. {{outcome}}\n\n{{answer}}\n\nОценка с её числами есть в консоли, в разделе оценки.\n\nNexus Family Pass',
     'Ответ: оценка {{venue}}', E'Неделя с {{week}}: {{outcome}}\n{{answer}}')
)
INSERT INTO notification_templates
    (template_key, channel, language_code, name, email_subject, email_body_text, in_app_title, in_app_body, available_variables, category)
SELECT 'dispute_answered', c.channel::notification_channel, w.language_code, 'Question about a score answered',
    CASE WHEN c.channel = 'email' THEN w.subject END, CASE WHEN c.channel = 'email' THEN w.body END,
    CASE WHEN c.channel = 'in_app' THEN w.title END, CASE WHEN c.channel = 'in_app' THEN w.short END,
    '["venue", "week", "outcome", "answer"]', 'score'
FROM words AS w CROSS JOIN (VALUES ('email'), ('in_app')) AS c (channel)
ON CONFLICT DO NOTHING;
