CREATE TABLE public.cards (
    id bigint NOT NULL,
    label character varying NOT NULL,
    label_key character varying NOT NULL,
    number character varying,
    operator character varying,
    operator_guessed boolean NOT NULL,
    kind character varying NOT NULL,
    plan_name character varying,
    period character varying,
    started_on date,
    last_good_on date,
    anchor_day integer,
    price bigint,
    auto_renew boolean NOT NULL,
    balance bigint,
    threshold bigint,
    read_at bigint,
    low_since bigint,
    low_before bigint,
    estimated boolean DEFAULT false NOT NULL,
    spendings text,
    changes text,
    keep_alive character varying,
    last_used_on date,
    acked_at bigint,
    snoozed_at bigint,
    snoozed_until bigint,
    muted boolean DEFAULT false NOT NULL,
    muted_until date,
    paid_on date,
    device_entered_on date,
    protects character varying,
    leads character varying,
    tags character varying NOT NULL,
    lang character varying,
    note text,
    archived boolean NOT NULL,
    registered_at bigint NOT NULL,
    version integer NOT NULL,
    wake_at bigint,
    urgent_at bigint,
    claim_token character varying,
    claim_owner character varying,
    held boolean DEFAULT false NOT NULL,
    attempts integer NOT NULL,
    CONSTRAINT anchor_day_in_month CHECK (((anchor_day >= 1) AND (anchor_day <= 31))),
    CONSTRAINT balance_was_read CHECK (((balance IS NULL) OR (read_at IS NOT NULL))),
    CONSTRAINT kind_known CHECK (((kind)::text = ANY ((ARRAY['sim'::character varying, 'esim'::character varying])::text[]))),
    CONSTRAINT label_not_empty CHECK (((label)::text <> ''::text)),
    CONSTRAINT plan_ends_after_it_begins CHECK (((started_on IS NULL) OR (last_good_on IS NULL) OR (started_on <= last_good_on))),
    CONSTRAINT price_positive CHECK (((price IS NULL) OR (price > 0))),
    CONSTRAINT threshold_not_negative CHECK (((threshold IS NULL) OR (threshold >= 0)))
);
CREATE SEQUENCE public.cards_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.cards_id_seq OWNED BY public.cards.id;
CREATE TABLE public.events (
    id bigint NOT NULL,
    card_id bigint NOT NULL,
    at bigint NOT NULL,
    what character varying NOT NULL,
    changes text NOT NULL,
    details text NOT NULL
);
CREATE SEQUENCE public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.marks (
    id bigint NOT NULL,
    card_id bigint NOT NULL,
    message_id bigint NOT NULL,
    target character varying NOT NULL,
    kind character varying NOT NULL,
    deadline_at bigint NOT NULL,
    lead character varying NOT NULL,
    due_at bigint NOT NULL,
    told_at bigint NOT NULL,
    believed boolean,
    CONSTRAINT believed_or_null CHECK (((believed IS NULL) OR believed))
);
CREATE SEQUENCE public.marks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.marks_id_seq OWNED BY public.marks.id;
CREATE TABLE public.messages (
    id bigint NOT NULL,
    card_id bigint,
    at bigint NOT NULL,
    target character varying NOT NULL,
    outcome character varying NOT NULL,
    notification_id bigint,
    error text,
    attempt integer NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    kind character varying,
    deadline_at bigint,
    server character varying,
    is_open boolean DEFAULT false NOT NULL,
    answered character varying,
    CONSTRAINT outcome_known CHECK (((outcome)::text = ANY ((ARRAY['accepted'::character varying, 'acted'::character varying, 'dismissed'::character varying, 'failed'::character varying])::text[])))
);
CREATE SEQUENCE public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;
CREATE TABLE public.meta (
    key character varying NOT NULL,
    value text NOT NULL
);
ALTER TABLE ONLY public.cards ALTER COLUMN id SET DEFAULT nextval('public.cards_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.marks ALTER COLUMN id SET DEFAULT nextval('public.marks_id_seq'::regclass);
ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);
INSERT INTO public.cards VALUES (5, 'Old', 'old', NULL, NULL, false, 'sim', NULL, NULL, '2026-11-21', NULL, 21, NULL, false, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, true, 1795237200705955, 2, NULL, NULL, NULL, NULL, false, 0);
INSERT INTO public.cards VALUES (1, 'Mum', 'mum', '+77011234567', 'kcell', false, 'sim', NULL, '30d', '2026-11-23', '2026-12-22', 23, 499000, false, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, '2026-11-21', NULL, NULL, NULL, false, NULL, '2026-11-21', NULL, NULL, NULL, '', NULL, 'twice renewed', false, 1795237200986556, 3, 1795323600000000, 1797965999000000, NULL, '822503d9-5b95-448e-97c4-2594202edd64:17764', false, 0);
INSERT INTO public.cards VALUES (2, 'Office', 'office', '+77051234567', 'beeline', false, 'sim', NULL, NULL, '2026-11-21', NULL, 21, NULL, false, 32000, 50000, 1795237200682296, 1795237200682296, NULL, false, '[["2026-11-21T05:00:00.644609+00:00","2026-11-21T05:00:00.682296+00:00","880"]]', NULL, NULL, NULL, NULL, NULL, NULL, true, '2027-01-31', NULL, NULL, NULL, NULL, '|bank|abroad|', NULL, NULL, false, 1795237200644609, 3, 1801422000000000, 1795237200682296, NULL, '822503d9-5b95-448e-97c4-2594202edd64:17764', false, 0);
INSERT INTO public.cards VALUES (3, 'Мама 妈妈', 'мама 妈妈', NULL, NULL, false, 'sim', NULL, NULL, '2026-11-21', NULL, 21, NULL, false, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, '90d', '2026-09-01', NULL, NULL, NULL, false, NULL, NULL, NULL, 'eGov, Kaspi', NULL, '', 'kk', 'first line', false, 1795237200663441, 1, 1795237201034543, 1796065199000000, NULL, '822503d9-5b95-448e-97c4-2594202edd64:17764', false, 1);
INSERT INTO public.cards VALUES (4, 'Held', 'held', NULL, NULL, false, 'sim', NULL, '30d', NULL, '2026-12-31', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, false, 1795237200647847, 1, 1797483600000000, 1798743599000000, NULL, '822503d9-5b95-448e-97c4-2594202edd64:17764', true, 0);
INSERT INTO public.events VALUES (1, 1, 1795237200986556, 'added', '{}', '{}');
INSERT INTO public.events VALUES (2, 2, 1795237200644609, 'added', '{}', '{}');
INSERT INTO public.events VALUES (3, 3, 1795237200663441, 'added', '{}', '{}');
INSERT INTO public.events VALUES (4, 4, 1795237200647847, 'added', '{}', '{}');
INSERT INTO public.events VALUES (5, 5, 1795237200705955, 'added', '{}', '{}');
INSERT INTO public.events VALUES (6, 5, 1795237200721337, 'archived', '{"archived":[false,true]}', '{}');
INSERT INTO public.events VALUES (7, 2, 1795237200682296, 'balance_read', '{"balance":["1200","320"],"read_at":["2026-11-21T05:00:00.644609+00:00","2026-11-21T05:00:00.682296+00:00"],"low_since":[null,"2026-11-21T05:00:00.682296+00:00"],"spendings":[null,"[[\"2026-11-21T05:00:00.644609+00:00\",\"2026-11-21T05:00:00.682296+00:00\",\"880\"]]"]}', '{"amount":"320","at":"2026-11-21T10:00:00+05:00"}');
INSERT INTO public.events VALUES (8, 1, 1795237200599520, 'renewed', '{"started_on":[null,"2026-11-23"],"last_good_on":["2026-11-22","2026-12-22"],"anchor_day":[null,23],"last_used_on":[null,"2026-11-21"],"paid_on":[null,"2026-11-21"]}', '{"on":"2026-11-21","paid":"4990","method":"kaspi"}');
INSERT INTO public.events VALUES (9, 1, 1795237200692904, 'edited', '{"note":[null,"twice renewed"]}', '{}');
INSERT INTO public.events VALUES (10, 2, 1795237200166032, 'muted', '{"muted":[false,true],"muted_until":[null,"2027-01-31"]}', '{"until":"2027-01-31"}');
INSERT INTO public.marks VALUES (1, 3, 1, 'desktop:office', 'idle', 1796065199000000, '14d', 1794805200000000, 1795237201034543, NULL);
INSERT INTO public.messages VALUES (1, 3, 1795237201034543, 'desktop:office', 'failed', NULL, 'session bus: DBUS_SESSION_BUS_ADDRESS is not set, and no bus runs for us', 1, '9 days left: Мама 妈妈, unused for 81 days', 'Operator not known: see which network the phone shows, then pay it.
Then say whose it is: kzreminder edit "Мама 妈妈" --operator NAME
At stake: the number. Your own rule: use it every 90 days.
Used or paid? kzreminder used "Мама 妈妈"', 'idle', 1796065199000000, NULL, false, NULL);
INSERT INTO public.meta VALUES ('schema', '3');
INSERT INTO public.meta VALUES ('last_change_at', '2026-11-21T05:00:00.986556+00:00');
INSERT INTO public.meta VALUES ('fingerprint', '2d8a0fa92e2822b9');
INSERT INTO public.meta VALUES ('last_pass_at', '2026-11-21T05:00:01.034543+00:00');
INSERT INTO public.meta VALUES ('away:desktop:office', '{"since": "2026-11-21T05:00:01.034543+00:00", "attempts": 1, "retry_at": "2026-11-21T05:00:31.034543+00:00", "error": "session bus: DBUS_SESSION_BUS_ADDRESS is not set, and no bus runs for us", "was_there": false}');
SELECT pg_catalog.setval('public.cards_id_seq', 5, true);
SELECT pg_catalog.setval('public.events_id_seq', 10, true);
SELECT pg_catalog.setval('public.marks_id_seq', 1, true);
SELECT pg_catalog.setval('public.messages_id_seq', 1, true);
ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_label_key UNIQUE (label);
ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_number_key UNIQUE (number);
ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT told_once UNIQUE (card_id, target, kind, deadline_at, lead, believed);
CREATE INDEX ix_cards_claimed ON public.cards USING btree (claim_token) WHERE (claim_token IS NOT NULL);
CREATE INDEX ix_cards_held ON public.cards USING btree (held) WHERE held;
CREATE INDEX ix_cards_label_key ON public.cards USING btree (label_key);
CREATE INDEX ix_cards_urgent_at ON public.cards USING btree (urgent_at);
CREATE INDEX ix_cards_wake_at ON public.cards USING btree (wake_at);
CREATE INDEX ix_events_card ON public.events USING btree (card_id, id);
CREATE INDEX ix_marks_message ON public.marks USING btree (message_id);
CREATE INDEX ix_messages_card ON public.messages USING btree (card_id, id);
CREATE INDEX ix_messages_notification ON public.messages USING btree (notification_id);
CREATE INDEX ix_messages_open ON public.messages USING btree (target) WHERE is_open;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.cards(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.cards(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.cards(id) ON DELETE CASCADE;
