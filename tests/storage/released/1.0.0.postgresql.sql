CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE heartbeats (
    name VARCHAR(64) NOT NULL, 
    kind VARCHAR(16) NOT NULL, 
    beat_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_heartbeats PRIMARY KEY (name)
);

CREATE TABLE leases (
    name VARCHAR(200) NOT NULL, 
    owner VARCHAR NOT NULL, 
    until TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_leases PRIMARY KEY (name)
);

CREATE INDEX ix_leases_until ON leases (until);

CREATE TABLE seen_requests (
    key VARCHAR(200) NOT NULL, 
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    repeats_until TIMESTAMP WITH TIME ZONE, 
    answer TEXT, 
    CONSTRAINT pk_seen_requests PRIMARY KEY (key)
);

CREATE INDEX ix_seen_requests_seen_at ON seen_requests (seen_at);

CREATE TABLE workspaces (
    id VARCHAR(32) NOT NULL, 
    slack_id VARCHAR NOT NULL, 
    is_enterprise BOOLEAN NOT NULL, 
    name VARCHAR NOT NULL, 
    domain VARCHAR NOT NULL, 
    app_id VARCHAR NOT NULL, 
    bot_user_id VARCHAR NOT NULL, 
    bot_id VARCHAR NOT NULL, 
    bot_scopes TEXT NOT NULL, 
    bot_token_sealed TEXT, 
    bot_refresh_token_sealed TEXT, 
    bot_token_expires_at TIMESTAMP WITH TIME ZONE, 
    installed_by VARCHAR NOT NULL, 
    installed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    uninstalled_at TIMESTAMP WITH TIME ZONE, 
    workspace_connection_id VARCHAR(32), 
    subscriptions_given INTEGER DEFAULT '0' NOT NULL, 
    refused_blocks JSON, 
    token_version INTEGER NOT NULL, 
    lease_owner VARCHAR, 
    lease_until TIMESTAMP WITH TIME ZONE, 
    refresh_began_at TIMESTAMP WITH TIME ZONE, 
    refresh_due_at TIMESTAMP WITH TIME ZONE, 
    failures INTEGER NOT NULL, 
    CONSTRAINT pk_workspaces PRIMARY KEY (id), 
    CONSTRAINT uq_workspaces_slack_id UNIQUE (slack_id)
);

CREATE INDEX ix_workspaces_refresh_due_at ON workspaces (refresh_due_at);

CREATE TABLE audit_entries (
    workspace_id VARCHAR(32) NOT NULL, 
    chain VARCHAR(16) NOT NULL, 
    number INTEGER NOT NULL, 
    at TIMESTAMP WITH TIME ZONE NOT NULL, 
    who VARCHAR NOT NULL, 
    action VARCHAR NOT NULL, 
    what TEXT NOT NULL, 
    before TEXT NOT NULL, 
    after TEXT NOT NULL, 
    previous_hash VARCHAR(64) NOT NULL, 
    hash VARCHAR(64) NOT NULL, 
    CONSTRAINT pk_audit_entries PRIMARY KEY (workspace_id, chain, number), 
    CONSTRAINT fk_audit_entries_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_audit_entries_workspace_id_at ON audit_entries (workspace_id, at);

CREATE INDEX ix_audit_entries_workspace_id_who_at ON audit_entries (workspace_id, who, at);

CREATE TABLE audit_heads (
    id VARCHAR(64) NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    chain VARCHAR(16) NOT NULL, 
    roll INTEGER NOT NULL, 
    number INTEGER NOT NULL, 
    hash VARCHAR(64) NOT NULL, 
    removed INTEGER NOT NULL, 
    removed_hash VARCHAR(64) NOT NULL, 
    closed_at TIMESTAMP WITH TIME ZONE, 
    head_sealed TEXT NOT NULL, 
    CONSTRAINT pk_audit_heads PRIMARY KEY (id)
);

CREATE TABLE companies (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    edition VARCHAR NOT NULL, 
    site_id VARCHAR NOT NULL, 
    company_id BIGINT NOT NULL, 
    company_name VARCHAR NOT NULL, 
    site_name VARCHAR NOT NULL, 
    lacks JSON NOT NULL, 
    change_names_customer BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_companies PRIMARY KEY (id), 
    CONSTRAINT fk_companies_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_companies_workspace_id_edition_site_id_company_id UNIQUE (workspace_id, edition, site_id, company_id)
);

CREATE TABLE channel_classes (
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    channel_id VARCHAR NOT NULL, 
    figures_class VARCHAR NOT NULL, 
    takes_requests BOOLEAN NOT NULL, 
    set_by VARCHAR NOT NULL, 
    set_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_channel_classes PRIMARY KEY (workspace_id, company_pk, channel_id), 
    CONSTRAINT fk_channel_classes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_channel_classes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE connect_links (
    id VARCHAR(32) NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    user_id VARCHAR NOT NULL, 
    user_name VARCHAR NOT NULL, 
    team_id VARCHAR NOT NULL, 
    ticket_hash VARCHAR NOT NULL, 
    stage VARCHAR NOT NULL, 
    told_founding BOOLEAN NOT NULL, 
    state_hash VARCHAR, 
    verifier_sealed TEXT, 
    browser_hash VARCHAR, 
    opened_at TIMESTAMP WITH TIME ZONE, 
    access_token_sealed TEXT, 
    refresh_token_sealed TEXT, 
    access_expires_at TIMESTAMP WITH TIME ZONE, 
    subject_hash VARCHAR, 
    code_sealed TEXT, 
    code_tries INTEGER NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_connect_links PRIMARY KEY (id), 
    CONSTRAINT fk_connect_links_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_connect_links_state_hash UNIQUE (state_hash), 
    CONSTRAINT uq_connect_links_ticket_hash UNIQUE (ticket_hash)
);

CREATE INDEX ix_connect_links_expires_at ON connect_links (expires_at);

CREATE INDEX ix_connect_links_workspace_id ON connect_links (workspace_id);

CREATE TABLE access_requests (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    asked_by VARCHAR NOT NULL, 
    reason TEXT NOT NULL, 
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    state VARCHAR(20) NOT NULL, 
    role VARCHAR(20) NOT NULL, 
    decided_by VARCHAR, 
    decided_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_access_requests PRIMARY KEY (id), 
    CONSTRAINT fk_access_requests_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX uq_access_requests_open ON access_requests (workspace_id, asked_by) WHERE state = 'open';

CREATE TABLE defaults_off (
    workspace_id VARCHAR(32) NOT NULL, 
    user_id VARCHAR NOT NULL, 
    since TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_defaults_off PRIMARY KEY (workspace_id, user_id), 
    CONSTRAINT fk_defaults_off_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE group_roles (
    workspace_id VARCHAR(32) NOT NULL, 
    group_id VARCHAR NOT NULL, 
    team_id VARCHAR NOT NULL, 
    role VARCHAR NOT NULL, 
    granted_by VARCHAR NOT NULL, 
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_group_roles PRIMARY KEY (workspace_id, group_id), 
    CONSTRAINT fk_group_roles_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE member_roles (
    workspace_id VARCHAR(32) NOT NULL, 
    user_id VARCHAR NOT NULL, 
    role VARCHAR NOT NULL, 
    granted_by VARCHAR NOT NULL, 
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_member_roles PRIMARY KEY (workspace_id, user_id), 
    CONSTRAINT fk_member_roles_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE workspace_settings (
    workspace_id VARCHAR(32) NOT NULL, 
    status_for_everyone BOOLEAN NOT NULL, 
    sales_only_theirs BOOLEAN NOT NULL, 
    trust_copy_minutes INTEGER NOT NULL, 
    second_approver_above BIGINT, 
    zone VARCHAR NOT NULL, 
    region VARCHAR, 
    overdue_ask_days INTEGER NOT NULL, 
    overdue_stop_days INTEGER, 
    overdue_least BIGINT NOT NULL, 
    disputes_count BOOLEAN NOT NULL, 
    sets_off_credit BOOLEAN NOT NULL, 
    promise_grace_days INTEGER NOT NULL, 
    suggest_after_days INTEGER, 
    suggest_above BIGINT, 
    working_hours VARCHAR(11) NOT NULL, 
    hold_reasons VARCHAR(500) NOT NULL, 
    keep_questions BOOLEAN NOT NULL, 
    hold_notes VARCHAR(5) NOT NULL, 
    changed_by VARCHAR NOT NULL, 
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_workspace_settings PRIMARY KEY (workspace_id), 
    CONSTRAINT fk_workspace_settings_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE connections (
    id VARCHAR(32) NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    user_id VARCHAR NOT NULL, 
    company_pk INTEGER, 
    state VARCHAR NOT NULL, 
    state_reason VARCHAR NOT NULL, 
    state_since TIMESTAMP WITH TIME ZONE NOT NULL, 
    sign_in_id VARCHAR(32) NOT NULL, 
    subject_hash VARCHAR, 
    access_token_sealed TEXT, 
    refresh_token_sealed TEXT, 
    access_expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    trouble VARCHAR, 
    trouble_since TIMESTAMP WITH TIME ZONE, 
    connected_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    refreshed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    figures_seen_at TIMESTAMP WITH TIME ZONE, 
    told_founding BOOLEAN DEFAULT false NOT NULL, 
    opens JSON NOT NULL, 
    token_version INTEGER NOT NULL, 
    lease_owner VARCHAR, 
    lease_until TIMESTAMP WITH TIME ZONE, 
    refresh_began_at TIMESTAMP WITH TIME ZONE, 
    refresh_due_at TIMESTAMP WITH TIME ZONE, 
    failures INTEGER NOT NULL, 
    CONSTRAINT pk_connections PRIMARY KEY (id), 
    CONSTRAINT fk_connections_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id), 
    CONSTRAINT fk_connections_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_connections_workspace_id_user_id UNIQUE (workspace_id, user_id)
);

CREATE INDEX ix_connections_refresh_due_at ON connections (refresh_due_at);

CREATE INDEX ix_connections_subject_hash ON connections (subject_hash);

CREATE TABLE conversation_subjects (
    workspace_id VARCHAR(32) NOT NULL, 
    channel VARCHAR(40) NOT NULL, 
    thread VARCHAR(40) NOT NULL, 
    user_id VARCHAR(40) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT, 
    asked VARCHAR(300) NOT NULL, 
    shown JSON NOT NULL, 
    spoken_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_conversation_subjects PRIMARY KEY (workspace_id, channel, thread, user_id), 
    CONSTRAINT fk_conversation_subjects_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_conversation_subjects_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_conversation_subjects_spoken_at ON conversation_subjects (spoken_at);

CREATE TABLE answer_counts (
    workspace_id VARCHAR(32) NOT NULL, 
    day DATE NOT NULL, 
    kind VARCHAR(40) NOT NULL, 
    count INTEGER NOT NULL, 
    CONSTRAINT pk_answer_counts PRIMARY KEY (workspace_id, day, kind), 
    CONSTRAINT fk_answer_counts_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE answer_feedback (
    workspace_id VARCHAR(32) NOT NULL, 
    channel VARCHAR(40) NOT NULL, 
    message_ts VARCHAR(40) NOT NULL, 
    user_id VARCHAR(40) NOT NULL, 
    kind VARCHAR(40) NOT NULL, 
    is_liked BOOLEAN NOT NULL, 
    pressed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_answer_feedback PRIMARY KEY (workspace_id, channel, message_ts, user_id), 
    CONSTRAINT fk_answer_feedback_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_answer_feedback_pressed_at ON answer_feedback (pressed_at);

CREATE TABLE unclear_questions (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    user_id VARCHAR(40) NOT NULL, 
    words VARCHAR(300) NOT NULL, 
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_unclear_questions PRIMARY KEY (id), 
    CONSTRAINT fk_unclear_questions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_unclear_questions_asked_at ON unclear_questions (asked_at);

CREATE INDEX ix_unclear_questions_workspace_id ON unclear_questions (workspace_id);

CREATE TABLE customer_debts (
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    outstanding BIGINT NOT NULL, 
    pool_left BIGINT NOT NULL, 
    disputed BIGINT NOT NULL, 
    undated BIGINT NOT NULL, 
    refund BIGINT NOT NULL, 
    oldest_due DATE, 
    late BIGINT NOT NULL, 
    next_due DATE, 
    currency_iso VARCHAR NOT NULL, 
    currency_symbol VARCHAR NOT NULL, 
    difference BIGINT, 
    differs_since TIMESTAMP WITH TIME ZONE, 
    disarmed JSON NOT NULL, 
    marks JSON NOT NULL, 
    warnings JSON NOT NULL, 
    is_warned BOOLEAN NOT NULL, 
    read_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_customer_debts PRIMARY KEY (company_pk, customer_id), 
    CONSTRAINT fk_customer_debts_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE
);

CREATE INDEX ix_customer_debts_late ON customer_debts (company_pk, oldest_due, customer_id, workspace_id, late, next_due, currency_iso, currency_symbol);

CREATE INDEX ix_customer_debts_disputed ON customer_debts (company_pk, disputed, customer_id) WHERE disputed > 0;

CREATE INDEX ix_customer_debts_warned ON customer_debts (company_pk, is_warned, customer_id) WHERE is_warned IS true;

CREATE INDEX ix_customer_debts_next_due ON customer_debts (company_pk, next_due, customer_id) WHERE next_due IS NOT NULL;

CREATE INDEX ix_customer_debts_to_confirm ON customer_debts (company_pk, customer_id) WHERE difference <> 0 AND differs_since IS NULL;

CREATE TABLE debt_days (
    company_pk INTEGER NOT NULL, 
    day DATE NOT NULL, 
    customer_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    overdue BIGINT NOT NULL, 
    CONSTRAINT pk_debt_days PRIMARY KEY (company_pk, day, customer_id), 
    CONSTRAINT fk_debt_days_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_debt_days_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_debt_days_workspace_id ON debt_days (workspace_id);

CREATE TABLE month_sales (
    company_pk INTEGER NOT NULL, 
    month DATE NOT NULL, 
    currency_iso VARCHAR NOT NULL, 
    currency_symbol VARCHAR NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    invoiced BIGINT NOT NULL, 
    outstanding BIGINT, 
    CONSTRAINT pk_month_sales PRIMARY KEY (company_pk, month, currency_iso, currency_symbol), 
    CONSTRAINT fk_month_sales_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_month_sales_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_month_sales_workspace_id ON month_sales (workspace_id);

CREATE TABLE hold_episodes (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    closed_at TIMESTAMP WITH TIME ZONE, 
    reason TEXT NOT NULL, 
    ending TEXT NOT NULL, 
    already_held BOOLEAN NOT NULL, 
    opened_by VARCHAR, 
    closed_by VARCHAR, 
    overdue BIGINT, 
    CONSTRAINT pk_hold_episodes PRIMARY KEY (id), 
    CONSTRAINT fk_hold_episodes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_hold_episodes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_hold_episodes_workspace_id ON hold_episodes (workspace_id);

CREATE UNIQUE INDEX uq_hold_episodes_open ON hold_episodes (company_pk, customer_id) WHERE closed_at IS NULL;

CREATE INDEX ix_hold_episodes_company_pk_customer_id ON hold_episodes (company_pk, customer_id);

CREATE TABLE change_intents (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    user_id VARCHAR NOT NULL, 
    on_hold BOOLEAN, 
    credit_limit BIGINT, 
    reason TEXT NOT NULL, 
    began_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    outcome VARCHAR NOT NULL, 
    attributed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_change_intents PRIMARY KEY (id), 
    CONSTRAINT fk_change_intents_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_change_intents_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_change_intents_began_at ON change_intents (began_at);

CREATE INDEX ix_change_intents_company_pk_customer_id ON change_intents (company_pk, customer_id);

CREATE INDEX ix_change_intents_workspace_id ON change_intents (workspace_id);

CREATE TABLE mirror_states (
    company_pk INTEGER NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    phase VARCHAR NOT NULL, 
    read_up_to BIGINT NOT NULL, 
    read_count INTEGER NOT NULL, 
    changed_watermark TIMESTAMP WITH TIME ZONE, 
    posted_watermark TIMESTAMP WITH TIME ZONE, 
    loaded_at TIMESTAMP WITH TIME ZONE, 
    synced_at TIMESTAMP WITH TIME ZONE, 
    reconciled_at TIMESTAMP WITH TIME ZONE, 
    sweep INTEGER NOT NULL, 
    due_at TIMESTAMP WITH TIME ZONE, 
    reconcile_due_at TIMESTAMP WITH TIME ZONE, 
    failures INTEGER NOT NULL, 
    trouble VARCHAR, 
    trouble_since TIMESTAMP WITH TIME ZONE, 
    items_phase VARCHAR, 
    items_read_up_to BIGINT NOT NULL, 
    items_read_count INTEGER NOT NULL, 
    items_synced_at TIMESTAMP WITH TIME ZONE, 
    credits_unsigned BOOLEAN, 
    recount BOOLEAN NOT NULL, 
    aged_on DATE, 
    aged_by JSON, 
    ageing_due_at TIMESTAMP WITH TIME ZONE, 
    sales_read_for DATE, 
    CONSTRAINT pk_mirror_states PRIMARY KEY (company_pk), 
    CONSTRAINT fk_mirror_states_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_mirror_states_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_mirror_states_due_at ON mirror_states (due_at);

CREATE INDEX ix_mirror_states_workspace_id ON mirror_states (workspace_id);

CREATE TABLE code_sets (
    company_pk INTEGER NOT NULL, 
    name VARCHAR(32) NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    analysis JSON NOT NULL, 
    CONSTRAINT pk_code_sets PRIMARY KEY (company_pk, name), 
    CONSTRAINT fk_code_sets_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_code_sets_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_code_sets_workspace_id ON code_sets (workspace_id);

CREATE TABLE code_values (
    company_pk INTEGER NOT NULL, 
    slot INTEGER NOT NULL, 
    value_key VARCHAR NOT NULL, 
    code_set VARCHAR(32) NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    CONSTRAINT pk_code_values PRIMARY KEY (company_pk, slot, value_key, code_set), 
    CONSTRAINT fk_code_values_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE
);

CREATE TABLE name_words (
    company_pk INTEGER NOT NULL, 
    word VARCHAR NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    CONSTRAINT pk_name_words PRIMARY KEY (company_pk, word), 
    CONSTRAINT fk_name_words_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_name_words_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_name_words_workspace_id ON name_words (workspace_id);

CREATE TABLE customer_words (
    company_pk INTEGER NOT NULL, 
    word VARCHAR NOT NULL, 
    customer_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    CONSTRAINT pk_customer_words PRIMARY KEY (company_pk, word, customer_id), 
    CONSTRAINT fk_customer_words_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE
);

CREATE TABLE mirrored_customers (
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    short_name VARCHAR NOT NULL, 
    postcode VARCHAR NOT NULL, 
    reference_key VARCHAR NOT NULL, 
    name_key VARCHAR NOT NULL, 
    short_name_key VARCHAR NOT NULL, 
    postcode_key VARCHAR NOT NULL, 
    on_hold BOOLEAN NOT NULL, 
    status_reason VARCHAR, 
    hidden BOOLEAN NOT NULL, 
    currency_iso VARCHAR NOT NULL, 
    currency_symbol VARCHAR NOT NULL, 
    balance BIGINT, 
    base_balance BIGINT, 
    credit_limit BIGINT, 
    open_orders BIGINT, 
    analysis JSON NOT NULL, 
    code_set VARCHAR(32) NOT NULL, 
    details JSON NOT NULL, 
    fired_thresholds JSON NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE, 
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    sweep INTEGER NOT NULL, 
    CONSTRAINT pk_mirrored_customers PRIMARY KEY (company_pk, customer_id), 
    CONSTRAINT fk_mirrored_customers_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE
);

CREATE INDEX ix_mirrored_customers_code_set ON mirrored_customers (company_pk, code_set, customer_id, currency_iso, balance);

CREATE INDEX ix_mirrored_customers_held ON mirrored_customers (company_pk, on_hold, customer_id, workspace_id, code_set, currency_iso, currency_symbol, balance, reference) WHERE on_hold IS true;

CREATE INDEX ix_mirrored_customers_hidden ON mirrored_customers (company_pk, hidden, customer_id) WHERE hidden IS true;

CREATE INDEX ix_mirrored_customers_over_limit ON mirrored_customers (company_pk, customer_id, workspace_id, code_set, balance, credit_limit, reference) WHERE credit_limit > 0 AND balance > credit_limit;

CREATE INDEX ix_mirrored_customers_owing ON mirrored_customers (company_pk, coalesce(base_balance, balance)) WHERE balance > 0;

CREATE INDEX ix_mirrored_customers_company_pk_reference_key ON mirrored_customers (company_pk, reference_key text_pattern_ops);

CREATE INDEX ix_mirrored_customers_postcode ON mirrored_customers (company_pk, postcode_key text_pattern_ops, customer_id);

CREATE INDEX ix_mirrored_customers_names ON mirrored_customers (company_pk, name_key, customer_id, reference_key, short_name_key, postcode_key, code_set, workspace_id);

CREATE TABLE open_items (
    company_pk INTEGER NOT NULL, 
    transaction_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    customer_id BIGINT NOT NULL, 
    kind VARCHAR(20) NOT NULL, 
    reference VARCHAR NOT NULL, 
    second_reference VARCHAR NOT NULL, 
    dated DATE, 
    due DATE, 
    gross BIGINT, 
    outstanding BIGINT NOT NULL, 
    uncovered BIGINT NOT NULL, 
    query VARCHAR NOT NULL, 
    is_foreign BOOLEAN NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_open_items PRIMARY KEY (company_pk, transaction_id), 
    CONSTRAINT fk_open_items_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE
);

CREATE INDEX ix_open_items_company_pk_customer_id ON open_items (company_pk, customer_id);

CREATE INDEX ix_open_items_overdue ON open_items (company_pk, due, customer_id) WHERE uncovered > 0;

CREATE TABLE receipts_seen (
    company_pk INTEGER NOT NULL, 
    transaction_id BIGINT NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    customer_id BIGINT NOT NULL, 
    dated DATE, 
    amount BIGINT NOT NULL, 
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_receipts_seen PRIMARY KEY (company_pk, transaction_id), 
    CONSTRAINT fk_receipts_seen_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_receipts_seen_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_receipts_seen_company_pk_customer_id ON receipts_seen (company_pk, customer_id);

CREATE INDEX ix_receipts_seen_seen_at ON receipts_seen (seen_at);

CREATE INDEX ix_receipts_seen_workspace_id ON receipts_seen (workspace_id);

CREATE TABLE customer_snoozes (
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    target_id VARCHAR NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    until TIMESTAMP WITH TIME ZONE NOT NULL, 
    set_by VARCHAR, 
    CONSTRAINT pk_customer_snoozes PRIMARY KEY (company_pk, customer_id, target_id), 
    CONSTRAINT fk_customer_snoozes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_customer_snoozes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_customer_snoozes_until ON customer_snoozes (until);

CREATE INDEX ix_customer_snoozes_workspace_id ON customer_snoozes (workspace_id);

CREATE TABLE promises (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    currency_iso VARCHAR NOT NULL, 
    currency_symbol VARCHAR NOT NULL, 
    amount BIGINT NOT NULL, 
    due DATE NOT NULL, 
    made_on DATE NOT NULL, 
    said_by VARCHAR(200) NOT NULL, 
    made_by VARCHAR NOT NULL, 
    made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    receipts_before JSON, 
    state VARCHAR(20) NOT NULL, 
    ended_by VARCHAR, 
    closed_at TIMESTAMP WITH TIME ZONE, 
    made_up_at TIMESTAMP WITH TIME ZONE, 
    judge_at TIMESTAMP WITH TIME ZONE, 
    judged_balance BIGINT, 
    not_before TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_promises PRIMARY KEY (id), 
    CONSTRAINT fk_promises_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_promises_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_promises_company_pk_customer_id ON promises (company_pk, customer_id);

CREATE INDEX ix_promises_open ON promises (company_pk, customer_id) WHERE state = 'open';

CREATE INDEX ix_promises_judge_at ON promises (judge_at) WHERE judge_at IS NOT NULL;

CREATE INDEX ix_promises_workspace_id ON promises (workspace_id);

CREATE TABLE disputes (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    transaction_id BIGINT NOT NULL, 
    document VARCHAR NOT NULL, 
    reason VARCHAR(200) NOT NULL, 
    raised_by VARCHAR NOT NULL, 
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    accepted_by VARCHAR, 
    accepted_at TIMESTAMP WITH TIME ZONE, 
    ended_by VARCHAR, 
    closed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_disputes PRIMARY KEY (id), 
    CONSTRAINT fk_disputes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_disputes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_disputes_company_pk_customer_id ON disputes (company_pk, customer_id);

CREATE INDEX ix_disputes_workspace_id ON disputes (workspace_id);

CREATE UNIQUE INDEX uq_disputes_open ON disputes (company_pk, transaction_id) WHERE closed_at IS NULL;

CREATE TABLE debt_notes (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    words VARCHAR(200) NOT NULL, 
    written_by VARCHAR NOT NULL, 
    written_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_debt_notes PRIMARY KEY (id), 
    CONSTRAINT fk_debt_notes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_debt_notes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_debt_notes_company_pk_customer_id ON debt_notes (company_pk, customer_id);

CREATE INDEX ix_debt_notes_workspace_id ON debt_notes (workspace_id);

CREATE TABLE own_customer_codes (
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    user_id VARCHAR NOT NULL, 
    slot INTEGER NOT NULL, 
    value VARCHAR(200) NOT NULL, 
    set_by VARCHAR NOT NULL, 
    set_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_own_customer_codes PRIMARY KEY (workspace_id, company_pk, user_id, slot, value), 
    CONSTRAINT fk_own_customer_codes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_own_customer_codes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE release_requests (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    number INTEGER NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    asked_by VARCHAR NOT NULL, 
    asked_subject VARCHAR, 
    kind VARCHAR(10) NOT NULL, 
    amount BIGINT, 
    seen_limit BIGINT, 
    currency_iso VARCHAR(3) NOT NULL, 
    currency_symbol VARCHAR(8) NOT NULL, 
    order_number VARCHAR(20) NOT NULL, 
    reason TEXT NOT NULL, 
    question TEXT NOT NULL, 
    question_by VARCHAR, 
    answer TEXT NOT NULL, 
    remind_at TIMESTAMP WITH TIME ZONE, 
    reminded INTEGER NOT NULL, 
    held_for TEXT, 
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    state VARCHAR NOT NULL, 
    first_by VARCHAR, 
    first_subject VARCHAR, 
    first_at TIMESTAMP WITH TIME ZONE, 
    first_balance BIGINT, 
    claimed_by VARCHAR, 
    claimed_until TIMESTAMP WITH TIME ZONE, 
    decided_by VARCHAR, 
    decided_at TIMESTAMP WITH TIME ZONE, 
    decision TEXT NOT NULL, 
    CONSTRAINT pk_release_requests PRIMARY KEY (id), 
    CONSTRAINT fk_release_requests_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_release_requests_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_release_requests_workspace_id_number UNIQUE (workspace_id, number)
);

CREATE INDEX ix_release_requests_expires_at ON release_requests (expires_at);

CREATE INDEX ix_release_requests_remind_at ON release_requests (remind_at);

CREATE UNIQUE INDEX uq_release_requests_open ON release_requests (company_pk, customer_id, kind, order_number) WHERE state = 'open';

CREATE TABLE hold_notes (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    kind VARCHAR(5) NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    user_id VARCHAR NOT NULL, 
    is_wanted BOOLEAN NOT NULL, 
    wanted_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    text TEXT NOT NULL, 
    sent TEXT NOT NULL, 
    sage_id BIGINT, 
    due_at TIMESTAMP WITH TIME ZONE, 
    tries INTEGER NOT NULL, 
    CONSTRAINT pk_hold_notes PRIMARY KEY (id), 
    CONSTRAINT fk_hold_notes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_hold_notes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_hold_notes_company_pk_customer_id_kind UNIQUE (company_pk, customer_id, kind)
);

CREATE INDEX ix_hold_notes_workspace_id ON hold_notes (workspace_id);

CREATE INDEX ix_hold_notes_due_at ON hold_notes (due_at);

CREATE TABLE temporary_releases (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reference VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    agreed_by VARCHAR NOT NULL, 
    agreed_name VARCHAR NOT NULL, 
    asked_by VARCHAR, 
    reason TEXT NOT NULL, 
    released_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    look_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    for_order VARCHAR(20) NOT NULL, 
    order_id BIGINT, 
    newest_order_id BIGINT, 
    state VARCHAR(10) NOT NULL, 
    outcome TEXT NOT NULL, 
    tries INTEGER NOT NULL, 
    ended_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_temporary_releases PRIMARY KEY (id), 
    CONSTRAINT fk_temporary_releases_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_temporary_releases_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_temporary_releases_workspace_id ON temporary_releases (workspace_id);

CREATE INDEX ix_temporary_releases_look_at ON temporary_releases (look_at);

CREATE UNIQUE INDEX uq_temporary_releases_waiting ON temporary_releases (company_pk, customer_id) WHERE state = 'waiting';

CREATE TABLE successions (
    workspace_id VARCHAR(32) NOT NULL, 
    kind VARCHAR(20) NOT NULL, 
    user_id VARCHAR NOT NULL, 
    asked_by VARCHAR NOT NULL, 
    since TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_successions PRIMARY KEY (workspace_id, kind), 
    CONSTRAINT fk_successions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE sage_refusals (
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    user_id VARCHAR NOT NULL, 
    refusal VARCHAR(40) NOT NULL, 
    refused_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_sage_refusals PRIMARY KEY (workspace_id, company_pk, user_id), 
    CONSTRAINT fk_sage_refusals_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_sage_refusals_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE TABLE seen_changes (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER NOT NULL, 
    customer_id BIGINT NOT NULL, 
    kind VARCHAR NOT NULL, 
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    by_user VARCHAR, 
    episode_id INTEGER, 
    facts JSON NOT NULL, 
    CONSTRAINT pk_seen_changes PRIMARY KEY (id), 
    CONSTRAINT fk_seen_changes_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_seen_changes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
);

CREATE INDEX ix_seen_changes_company_pk_seen_at ON seen_changes (company_pk, seen_at);

CREATE INDEX ix_seen_changes_episode_id ON seen_changes (episode_id);

CREATE INDEX ix_seen_changes_workspace_id ON seen_changes (workspace_id);

CREATE TABLE subscriptions (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    number INTEGER NOT NULL, 
    company_pk INTEGER NOT NULL, 
    owner VARCHAR NOT NULL, 
    topics JSON NOT NULL, 
    filter JSON NOT NULL, 
    thresholds JSON NOT NULL, 
    days JSON NOT NULL, 
    target_id VARCHAR NOT NULL, 
    is_personal BOOLEAN NOT NULL, 
    delivery VARCHAR NOT NULL, 
    schedule JSON, 
    zone VARCHAR NOT NULL, 
    due_at TIMESTAMP WITH TIME ZONE, 
    digested_at TIMESTAMP WITH TIME ZONE, 
    muted_until TIMESTAMP WITH TIME ZONE, 
    paused_reason VARCHAR NOT NULL, 
    paused_since TIMESTAMP WITH TIME ZONE, 
    reads_as_owner BOOLEAN NOT NULL, 
    is_default BOOLEAN NOT NULL, 
    pings BOOLEAN NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_subscriptions PRIMARY KEY (id), 
    CONSTRAINT fk_subscriptions_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_subscriptions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_subscriptions_workspace_id_number UNIQUE (workspace_id, number)
);

CREATE INDEX ix_subscriptions_due_at ON subscriptions (due_at);

CREATE INDEX ix_subscriptions_workspace_id ON subscriptions (workspace_id);

CREATE TABLE live_cards (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    target_id VARCHAR NOT NULL, 
    episode_id INTEGER NOT NULL, 
    channel VARCHAR NOT NULL, 
    ts VARCHAR NOT NULL, 
    CONSTRAINT pk_live_cards PRIMARY KEY (id), 
    CONSTRAINT fk_live_cards_episode_id FOREIGN KEY(episode_id) REFERENCES hold_episodes (id) ON DELETE CASCADE, 
    CONSTRAINT fk_live_cards_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_live_cards_workspace_id_target_id_episode_id UNIQUE (workspace_id, target_id, episode_id)
);

CREATE INDEX ix_live_cards_episode_id ON live_cards (episode_id);

CREATE TABLE outbox (
    id SERIAL NOT NULL, 
    workspace_id VARCHAR(32) NOT NULL, 
    company_pk INTEGER, 
    subscription_id INTEGER, 
    target_id VARCHAR NOT NULL, 
    is_personal BOOLEAN NOT NULL, 
    kind VARCHAR NOT NULL, 
    facts JSON NOT NULL, 
    episode_id INTEGER, 
    dedupe_key VARCHAR(200) NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    due_at TIMESTAMP WITH TIME ZONE, 
    claimed_by VARCHAR, 
    claimed_until TIMESTAMP WITH TIME ZONE, 
    attempts INTEGER NOT NULL, 
    posted_at TIMESTAMP WITH TIME ZONE, 
    channel VARCHAR, 
    message_ts VARCHAR, 
    failure VARCHAR, 
    CONSTRAINT pk_outbox PRIMARY KEY (id), 
    CONSTRAINT fk_outbox_company_pk FOREIGN KEY(company_pk) REFERENCES companies (id) ON DELETE CASCADE, 
    CONSTRAINT fk_outbox_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE CASCADE, 
    CONSTRAINT fk_outbox_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE, 
    CONSTRAINT uq_outbox_workspace_id_dedupe_key UNIQUE (workspace_id, dedupe_key)
);

CREATE INDEX ix_outbox_due_at ON outbox (due_at);

CREATE INDEX ix_outbox_subscription_id ON outbox (subscription_id);

CREATE INDEX ix_outbox_open ON outbox (workspace_id, target_id, id) WHERE due_at IS NOT NULL;

CREATE INDEX ix_outbox_workspace_id_target_id_id ON outbox (workspace_id, target_id, id);

create function audit_entries_stay() returns trigger language plpgsql as $$ begin if tg_op = 'DELETE' and exists (select 1 from audit_heads where id = old.workspace_id || '.' || old.chain and (closed_at is not null or removed >= old.number)) then return old; end if; raise exception 'the record is never changed'; end $$;

create trigger audit_entries_stay before update or delete on audit_entries for each row execute function audit_entries_stay();

create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception 'the record is never changed'; end $$;

create trigger audit_heads_remain before delete on audit_heads for each row execute function audit_refuse();

create trigger audit_heads_go_on before update on audit_heads for each row when (not (new.id = old.id and new.workspace_id = old.workspace_id and new.chain = old.chain and (old.roll = 0 or new.roll = old.roll) and new.removed >= old.removed and new.removed <= new.number and (old.closed_at is null or (new.closed_at is not null and new.number = old.number)) and (new.number > old.number or (new.number = old.number and new.hash = old.hash)))) execute function audit_refuse();

create trigger audit_entries_whole before truncate on audit_entries for each statement execute function audit_refuse();

create trigger audit_heads_whole before truncate on audit_heads for each statement execute function audit_refuse();

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;

