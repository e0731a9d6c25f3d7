-- What a venue's finance reads when it was paid, or was not.
WITH words (template_key, language_code, name, subject, body, title, short) AS (VALUES
    ('payout_paid', 'en', 'Payout paid', 'Paid: {{amount}} for {{period}}',
     E'Hello,\n\n{{venue}} was paid {{amount}} for {{period}}.\n\nReference: {{reference}}\n\nThe statement is in the console under Payouts.\n\nNexus Family Pass',
     'Paid: {{amount}}',
     E'{{venue}} was paid {{amount}} for {{period}}.\nReference: {{reference}}'),
    ('payout_paid', 'es', 'Payout paid', 'Pagado: {{amount}} por {{period}}',
     E'Hola:\n\n{{venue}} ha cobrado {{amount}} por {{period}}.\n\nReferencia: {{reference}}\n\nEl extracto está en la consola, en Pagos.\n\nNexus Family Pass',
     'Pagado: {{amount}}',
     E'{{venue}} ha cobrado {{amount}} por {{period}}.\nReferencia: {{reference}}'),
    ('payout_paid', 'ru', 'Payout paid', 'Выплачено: {{amount}} за {{period}}',
     E'Здравствуйте!\n\nВыплата за {{period}}: {{amount}}. Студия: {{venue}}.\n\nНомер платежа: {{reference}}\n\nОтчёт лежит в консоли, в разделе выплат.\n\nNexus Family Pass',
     'Выплачено: {{amount}}',
     E'Выплата за {{period}}: {{amount}}. Студия: {{venue}}.\nНомер платежа: {{reference}}'),
    ('payout_failed', 'en', 'Payout failed', 'Not paid yet: {{amount}} for {{period}}',
     E'Hello,\n\nThe payout of {{amount}} to {{venue}} for {{period}} did not arrive.\n\nWe look into it and pay again. If the account of {{venue}} has changed, please tell us.\n\nNexus Family Pass',
     'Not paid yet: {{amount}}',
     E'The payout of {{amount}} to {{venue}} for {{period}} did not arrive. We look into it and pay again.'),
    ('payout_failed', 'es', 'Payout failed', 'Aún sin pagar: {{amount}} por {{period}}',
     E'Hola:\n\nEl pago de {{amount}} a {{venue}} por {{period}} no ha llegado.\n\nLo estamos revisando y volveremos a pagar. Si la cuenta de {{venue}} ha cambiado, avísenos.\n\nNexus Family Pass',
     'Aún sin pagar: {{amount}}',
     E'El pago de {{amount}} a {{venue}} por {{period}} no ha llegado. Lo revisamos y volveremos a pagar.'),
    ('payout_failed', 'ru', 'Payout failed', 'Пока не выплачено: {{amount}} за {{period}}',
     E'Здравствуйте!\n\nВыплата за {{period}} не дошла: {{amount}}. Студия: {{venue}}.\n\nМы разбираемся и выплатим снова. Если счёт студии изменился, сообщите нам.\n\nNexus Family Pass',
     'Пока не выплачено: {{amount}}',
     E'Выплата за {{period}} не дошла: {{amount}}. Студия: {{venue}}. Мы разбираемся и выплатим снова.')
), variables (template_key, names) AS (VALUES
    ('payout_paid', '["venue", "amount", "period", "reference"]'),
    ('payout_failed', '["venue", "amount", "period"]')
)
INSERT INTO notification_templates
    (template_key, channel, language_code, name, email_subject, email_body_text, in_app_title, in_app_body, available_variables, category)
SELECT w.template_key, c.channel::notification_channel, w.language_code, w.name,
    CASE WHEN c.channel = 'email' THEN w.subject END, CASE WHEN c.channel = 'email' THEN w.body END,
    CASE WHEN c.channel = 'in_app' THEN w.title END, CASE WHEN c.channel = 'in_app' THEN w.short END,
    v.names::jsonb, 'finance'
FROM words AS w JOIN variables AS v USING (template_key) CROSS JOIN (VALUES ('email'), ('in_app')) AS c (channel)
ON CONFLICT DO NOTHING;
