-- The tables and indexes of customer intelligence, as store version 3 brought them. A version once released never changes.
CREATE TABLE accepted_result (
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    baseline TEXT NOT NULL,
    measure TEXT NOT NULL,
    lift REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_accepted_result PRIMARY KEY (subject, code)
)
 STRICT;
CREATE TABLE action_evidence (
    action TEXT NOT NULL,
    campaigns INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    held INTEGER NOT NULL,
    effect REAL,
    low REAL,
    high REAL,
    state TEXT NOT NULL,
    CONSTRAINT pk_action_evidence PRIMARY KEY (action)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE alert_rule (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    field TEXT NOT NULL,
    op TEXT NOT NULL,
    value REAL NOT NULL,
    severity TEXT NOT NULL,
    desk TEXT NOT NULL,
    most INTEGER NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_alert_rule PRIMARY KEY (id),
    CONSTRAINT uq_alert_rule_code UNIQUE (code)
)
 STRICT;
CREATE TABLE anomaly_reach (
    engine TEXT NOT NULL,
    kind TEXT NOT NULL,
    series TEXT NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    days INTEGER NOT NULL,
    typical REAL NOT NULL,
    alert_days REAL NOT NULL,
    day_50 REAL,
    day_80 REAL,
    week_50 REAL,
    week_80 REAL,
    missing TEXT,
    missing_zh TEXT,
    CONSTRAINT pk_anomaly_reach PRIMARY KEY (engine, kind, series)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE attr_rule (
    attr TEXT NOT NULL,
    strategy TEXT NOT NULL,
    sources TEXT NOT NULL,
    CONSTRAINT pk_attr_rule PRIMARY KEY (attr)
)
 STRICT;
CREATE TABLE baseline_choice (
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    number INTEGER NOT NULL,
    baseline TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_baseline_choice PRIMARY KEY (subject, code, number)
)
 STRICT;
CREATE TABLE behaviour_change (
    person_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    since_day TEXT NOT NULL,
    "before" REAL NOT NULL,
    "after" REAL NOT NULL,
    expected REAL NOT NULL,
    days_before INTEGER NOT NULL,
    days_after INTEGER NOT NULL,
    chance REAL NOT NULL,
    CONSTRAINT pk_behaviour_change PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_behaviour_change_direction ON behaviour_change (direction, chance);
CREATE TABLE behaviour_sight (
    rate REAL NOT NULL,
    factor REAL NOT NULL,
    weeks INTEGER NOT NULL,
    found REAL NOT NULL,
    CONSTRAINT pk_behaviour_sight PRIMARY KEY (rate, factor, weeks)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE campaign_effect (
    campaign TEXT NOT NULL,
    measure TEXT NOT NULL,
    tenant TEXT NOT NULL,
    sent INTEGER NOT NULL,
    held INTEGER NOT NULL,
    sent_value REAL NOT NULL,
    held_value REAL NOT NULL,
    difference REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    p REAL NOT NULL,
    p_adjusted REAL NOT NULL,
    total REAL NOT NULL,
    total_low REAL NOT NULL,
    total_high REAL NOT NULL,
    ratio_p REAL,
    ratio_state TEXT NOT NULL,
    days_left INTEGER NOT NULL,
    CONSTRAINT pk_campaign_effect PRIMARY KEY (campaign, measure, tenant)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE campaign_rate (
    campaign TEXT NOT NULL,
    stage TEXT NOT NULL,
    people INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    rate REAL NOT NULL,
    middle REAL,
    low REAL,
    high REAL,
    earlier INTEGER NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT pk_campaign_rate PRIMARY KEY (campaign, stage)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE cluster (
    cluster_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    people INTEGER NOT NULL,
    share REAL NOT NULL,
    share_then REAL NOT NULL,
    spent_minor INTEGER NOT NULL,
    jaccard REAL NOT NULL,
    overlap REAL,
    shift REAL NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_cluster PRIMARY KEY (cluster_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE cluster_fit (
    version INTEGER NOT NULL,
    artefact TEXT NOT NULL,
    CONSTRAINT pk_cluster_fit PRIMARY KEY (version)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE cluster_name (
    cluster_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_cluster_name PRIMARY KEY (cluster_id)
)
 STRICT;
CREATE TABLE cluster_trait (
    cluster_id INTEGER NOT NULL,
    measure TEXT NOT NULL,
    difference REAL NOT NULL,
    median REAL NOT NULL,
    median_all REAL NOT NULL,
    CONSTRAINT pk_cluster_trait PRIMARY KEY (cluster_id, measure)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE cohort_cell (
    grain TEXT NOT NULL,
    kind TEXT NOT NULL,
    cohort TEXT NOT NULL,
    age INTEGER NOT NULL,
    people INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    engaged INTEGER NOT NULL,
    revenue_minor INTEGER NOT NULL,
    censored INTEGER NOT NULL,
    CONSTRAINT pk_cohort_cell PRIMARY KEY (grain, kind, cohort, age)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE contact_policy (
    message_class TEXT NOT NULL,
    channel TEXT NOT NULL,
    most INTEGER NOT NULL,
    days INTEGER NOT NULL,
    quiet_from_minute INTEGER,
    quiet_to_minute INTEGER,
    CONSTRAINT pk_contact_policy PRIMARY KEY (message_class, channel)
)
 STRICT;
CREATE TABLE dup_candidate (
    person_a BLOB NOT NULL,
    person_b BLOB NOT NULL,
    score REAL NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    CONSTRAINT pk_dup_candidate PRIMARY KEY (person_a, person_b)
)
 STRICT;
CREATE INDEX ix_dup_candidate_state ON dup_candidate (state, score);
CREATE TABLE engagement_score (
    person_id BLOB NOT NULL,
    score REAL NOT NULL,
    recency REAL NOT NULL,
    frequency REAL NOT NULL,
    breadth REAL NOT NULL,
    days_since INTEGER NOT NULL,
    active_days INTEGER NOT NULL,
    tenants INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    CONSTRAINT pk_engagement_score PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_engagement_score_score ON engagement_score (score);
CREATE TABLE fraud_case (
    fingerprint TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    tenant_id BLOB,
    subjects TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    score REAL NOT NULL,
    amount_minor INTEGER NOT NULL,
    sentence TEXT NOT NULL,
    facts TEXT NOT NULL,
    evidence TEXT NOT NULL,
    CONSTRAINT pk_fraud_case PRIMARY KEY (fingerprint)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_fraud_case_score ON fraud_case (score);
CREATE TABLE fraud_decision (
    fingerprint TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_fraud_decision PRIMARY KEY (fingerprint)
)
 STRICT;
CREATE TABLE fraud_look (
    kind TEXT NOT NULL,
    looked INTEGER,
    found INTEGER NOT NULL,
    CONSTRAINT pk_fraud_look PRIMARY KEY (kind)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE funnel (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT pk_funnel PRIMARY KEY (id),
    CONSTRAINT uq_funnel_code UNIQUE (code)
)
 STRICT;
CREATE TABLE lead_context (
    use TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    number REAL NOT NULL,
    CONSTRAINT pk_lead_context PRIMARY KEY (use, name, value)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE lead_score (
    use TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    pipeline TEXT NOT NULL,
    behavioural REAL NOT NULL,
    demographic REAL NOT NULL,
    engagement REAL NOT NULL,
    predictive REAL,
    probability REAL,
    low REAL,
    high REAL,
    points INTEGER NOT NULL,
    composite REAL NOT NULL,
    rung TEXT NOT NULL,
    next_step TEXT NOT NULL,
    factors TEXT NOT NULL,
    fields TEXT NOT NULL,
    weights_version INTEGER NOT NULL,
    model_version INTEGER,
    last_touch_day TEXT,
    as_of INTEGER NOT NULL,
    CONSTRAINT pk_lead_score PRIMARY KEY (use, subject_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_lead_score_composite ON lead_score (use, pipeline, composite);
CREATE TABLE mall_funnel_day (
    day TEXT NOT NULL,
    step TEXT NOT NULL,
    n INTEGER NOT NULL,
    CONSTRAINT pk_mall_funnel_day PRIMARY KEY (day, step)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE merge_member (
    member_id BLOB NOT NULL,
    home BLOB NOT NULL,
    CONSTRAINT pk_merge_member PRIMARY KEY (member_id)
)
 STRICT;
CREATE INDEX ix_merge_member_home ON merge_member (home);
CREATE TABLE merge_op (
    id BLOB NOT NULL,
    survivor BLOB NOT NULL,
    absorbed BLOB NOT NULL,
    evidence TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_by TEXT,
    undone_at INTEGER,
    CONSTRAINT pk_merge_op PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_merge_op_absorbed ON merge_op (absorbed);
CREATE INDEX ix_merge_op_survivor ON merge_op (survivor);
CREATE TABLE merged_person (
    person_id BLOB NOT NULL,
    into_id BLOB NOT NULL,
    CONSTRAINT pk_merged_person PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_merged_person_into_id ON merged_person (into_id);
CREATE TABLE milestone (
    person_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    seen INTEGER NOT NULL,
    CONSTRAINT pk_milestone PRIMARY KEY (person_id, kind)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_milestone_day ON milestone (day);
CREATE TABLE model_pin (
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_model_pin PRIMARY KEY (engine, model)
)
 STRICT;
CREATE TABLE model_version (
    engine TEXT NOT NULL,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    method TEXT NOT NULL,
    trained_at INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    n INTEGER NOT NULL,
    positives INTEGER,
    metrics TEXT NOT NULL,
    card TEXT NOT NULL,
    artefact TEXT NOT NULL,
    CONSTRAINT pk_model_version PRIMARY KEY (engine, model, version)
)
 STRICT;
CREATE TABLE money_course (
    measure TEXT NOT NULL,
    dimension TEXT NOT NULL,
    code TEXT NOT NULL,
    grain TEXT NOT NULL,
    first_day TEXT NOT NULL,
    value REAL NOT NULL,
    CONSTRAINT pk_money_course PRIMARY KEY (measure, dimension, code, grain, first_day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE money_forecast (
    measure TEXT NOT NULL,
    dimension TEXT NOT NULL,
    code TEXT NOT NULL,
    grain TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    method TEXT NOT NULL,
    baseline TEXT NOT NULL,
    wape REAL,
    mase REAL,
    baseline_wape REAL,
    baseline_mase REAL,
    coverage REAL,
    origins INTEGER NOT NULL,
    history INTEGER NOT NULL,
    tried TEXT NOT NULL,
    refused TEXT NOT NULL,
    refused_zh TEXT NOT NULL,
    CONSTRAINT pk_money_forecast PRIMARY KEY (measure, dimension, code, grain)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE money_forecast_point (
    measure TEXT NOT NULL,
    dimension TEXT NOT NULL,
    code TEXT NOT NULL,
    grain TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    p10 REAL NOT NULL,
    p50 REAL NOT NULL,
    p90 REAL NOT NULL,
    checked INTEGER NOT NULL,
    CONSTRAINT pk_money_forecast_point PRIMARY KEY (measure, dimension, code, grain, first_day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE move_trial (
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    people INTEGER NOT NULL,
    accuracy REAL NOT NULL,
    accuracy_low REAL NOT NULL,
    accuracy_high REAL NOT NULL,
    gain REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    log_loss REAL NOT NULL,
    auc REAL,
    used INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    CONSTRAINT pk_move_trial PRIMARY KEY (system, model, state)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_company (
    person_id BLOB NOT NULL,
    other_id BLOB NOT NULL,
    days INTEGER NOT NULL,
    tenants INTEGER NOT NULL,
    expected REAL NOT NULL,
    CONSTRAINT pk_network_company PRIMARY KEY (person_id, other_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_figure (
    name TEXT NOT NULL,
    value REAL,
    low REAL,
    high REAL,
    n INTEGER NOT NULL,
    missing TEXT,
    missing_zh TEXT,
    CONSTRAINT pk_network_figure PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_pair (
    tenant_id BLOB NOT NULL,
    other_id BLOB NOT NULL,
    both INTEGER NOT NULL,
    share REAL NOT NULL,
    lift REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    CONSTRAINT pk_network_pair PRIMARY KEY (tenant_id, other_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_person (
    person_id BLOB NOT NULL,
    rank REAL NOT NULL,
    stable REAL NOT NULL,
    referred INTEGER NOT NULL,
    buyers INTEGER NOT NULL,
    reach INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    root_id BLOB NOT NULL,
    community INTEGER NOT NULL,
    component INTEGER NOT NULL,
    nps REAL,
    advocate REAL NOT NULL,
    allowed INTEGER NOT NULL,
    CONSTRAINT pk_network_person PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_network_person_community ON network_person (community);
CREATE INDEX ix_network_person_rank ON network_person (rank);
CREATE INDEX ix_network_person_root_id ON network_person (root_id);
CREATE TABLE network_referral (
    person_id BLOB NOT NULL,
    referrer_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    campaign_id BLOB,
    bought_days INTEGER NOT NULL,
    CONSTRAINT pk_network_referral PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_network_referral_referrer_id ON network_referral (referrer_id);
CREATE TABLE network_spread (
    month TEXT NOT NULL,
    joined INTEGER NOT NULL,
    referrals INTEGER NOT NULL,
    k REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    ripe INTEGER NOT NULL,
    CONSTRAINT pk_network_spread PRIMARY KEY (month)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_tenant (
    tenant_id BLOB NOT NULL,
    shoppers INTEGER NOT NULL,
    community INTEGER NOT NULL,
    rank REAL NOT NULL,
    CONSTRAINT pk_network_tenant PRIMARY KEY (tenant_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE network_tree (
    scope TEXT NOT NULL,
    label TEXT NOT NULL,
    referrals INTEGER NOT NULL,
    referrers INTEGER NOT NULL,
    buyers INTEGER NOT NULL,
    deepest INTEGER NOT NULL,
    largest INTEGER NOT NULL,
    largest_root BLOB NOT NULL,
    CONSTRAINT pk_network_tree PRIMARY KEY (scope, label)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE next_action (
    person_id BLOB NOT NULL,
    action TEXT NOT NULL,
    blocked TEXT NOT NULL,
    wanted TEXT NOT NULL,
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    channel_basis TEXT NOT NULL,
    minute INTEGER,
    hour_basis TEXT NOT NULL,
    opens INTEGER NOT NULL,
    probability REAL NOT NULL,
    stake_minor INTEGER NOT NULL,
    cost_minor INTEGER NOT NULL,
    expected_minor INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    confidence TEXT NOT NULL,
    ranked TEXT NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_next_action PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_next_action_action ON next_action (action, expected_minor);
CREATE INDEX ix_next_action_blocked ON next_action (blocked);
CREATE TABLE occasion (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_code TEXT,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    cost_minor INTEGER,
    baseline TEXT NOT NULL,
    baseline_weeks INTEGER NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_occasion PRIMARY KEY (id),
    CONSTRAINT uq_occasion_code UNIQUE (code)
)
 STRICT;
CREATE TABLE occasion_day (
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    baseline TEXT NOT NULL,
    measure TEXT NOT NULL,
    day TEXT NOT NULL,
    phase TEXT NOT NULL,
    observed REAL,
    expected REAL,
    low REAL,
    high REAL,
    CONSTRAINT pk_occasion_day PRIMARY KEY (subject, code, baseline, measure, day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE occasion_effect (
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    baseline TEXT NOT NULL,
    measure TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_code TEXT NOT NULL,
    phase TEXT NOT NULL,
    days INTEGER NOT NULL,
    observed REAL,
    expected REAL,
    lift REAL,
    low REAL,
    high REAL,
    p REAL,
    p_adjusted REAL,
    placebos INTEGER NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_occasion_effect PRIMARY KEY (subject, code, baseline, measure, scope, scope_code, phase)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_occasion_effect_subject_code ON occasion_effect (subject, code);
CREATE TABLE occasion_placebo (
    subject TEXT NOT NULL,
    code TEXT NOT NULL,
    baseline TEXT NOT NULL,
    measure TEXT NOT NULL,
    first_day TEXT NOT NULL,
    lift REAL NOT NULL,
    CONSTRAINT pk_occasion_placebo PRIMARY KEY (subject, code, baseline, measure, first_day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE path_flow (
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    n INTEGER NOT NULL,
    CONSTRAINT pk_path_flow PRIMARY KEY (source, target)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE path_pattern (
    pattern TEXT NOT NULL,
    length INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    share REAL NOT NULL,
    lift REAL NOT NULL,
    CONSTRAINT pk_path_pattern PRIMARY KEY (pattern)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE person_churn (
    person_id BLOB NOT NULL,
    p REAL NOT NULL,
    band TEXT NOT NULL,
    reasons TEXT NOT NULL,
    recency_days INTEGER NOT NULL,
    horizon INTEGER NOT NULL,
    version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_person_churn PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_churn_band_p ON person_churn (band, p);
CREATE TABLE person_cluster (
    person_id BLOB NOT NULL,
    cluster_id INTEGER NOT NULL,
    clear REAL NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    CONSTRAINT pk_person_cluster PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_cluster_cluster_id ON person_cluster (cluster_id);
CREATE TABLE person_health (
    person_id BLOB NOT NULL,
    health REAL NOT NULL,
    "before" REAL,
    recency REAL NOT NULL,
    trend REAL NOT NULL,
    breadth REAL NOT NULL,
    engagement REAL NOT NULL,
    satisfaction REAL,
    band TEXT NOT NULL,
    momentum REAL NOT NULL,
    momentum_low REAL NOT NULL,
    momentum_high REAL NOT NULL,
    course TEXT NOT NULL,
    weeks TEXT NOT NULL,
    weights_version INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    CONSTRAINT pk_person_health PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_health_health ON person_health (health);
CREATE TABLE person_move (
    system TEXT NOT NULL,
    person_id BLOB NOT NULL,
    state TEXT NOT NULL,
    p_move REAL NOT NULL,
    target TEXT NOT NULL,
    p_target REAL NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_person_move PRIMARY KEY (system, person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_move_system_state_p_move ON person_move (system, state, p_move);
CREATE TABLE person_pick (
    person_id BLOB NOT NULL,
    basis TEXT NOT NULL,
    refused INTEGER NOT NULL,
    picks TEXT NOT NULL,
    CONSTRAINT pk_person_pick PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE person_propensity (
    model TEXT NOT NULL,
    person_id BLOB NOT NULL,
    p REAL NOT NULL,
    reasons TEXT NOT NULL,
    horizon INTEGER NOT NULL,
    version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_person_propensity PRIMARY KEY (model, person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_propensity_model_p ON person_propensity (model, p);
CREATE TABLE person_stage (
    person_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    since_day TEXT NOT NULL,
    cause TEXT NOT NULL,
    next_stage TEXT,
    next_share REAL,
    next_low REAL,
    next_high REAL,
    buys_share REAL,
    buys_low REAL,
    buys_high REAL,
    CONSTRAINT pk_person_stage PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_stage_stage ON person_stage (stage, since_day);
CREATE TABLE person_value (
    person_id BLOB NOT NULL,
    p_alive REAL NOT NULL,
    purchases_30 REAL NOT NULL,
    purchases_90 REAL NOT NULL,
    purchases_365 REAL NOT NULL,
    purchases_low REAL NOT NULL,
    purchases_high REAL NOT NULL,
    spend_minor INTEGER NOT NULL,
    value_90_minor INTEGER NOT NULL,
    value_low_minor INTEGER NOT NULL,
    value_high_minor INTEGER NOT NULL,
    value_365_minor INTEGER NOT NULL,
    decile INTEGER NOT NULL,
    version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    CONSTRAINT pk_person_value PRIMARY KEY (person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_person_value_value_90_minor ON person_value (value_90_minor);
CREATE TABLE pick_item (
    number INTEGER NOT NULL,
    tenant_id BLOB NOT NULL,
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    trading INTEGER NOT NULL,
    price_minor INTEGER NOT NULL,
    buyers INTEGER NOT NULL,
    buyers_lately INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    listed_new INTEGER NOT NULL,
    best INTEGER NOT NULL,
    CONSTRAINT pk_pick_item PRIMARY KEY (number)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE pick_model (
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    window_days INTEGER NOT NULL,
    people INTEGER NOT NULL,
    buyers INTEGER NOT NULL,
    pairs INTEGER NOT NULL,
    items INTEGER NOT NULL,
    personal INTEGER NOT NULL,
    blended INTEGER NOT NULL,
    by_rules INTEGER NOT NULL,
    popular INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    ridge REAL,
    weights TEXT NOT NULL,
    covered REAL NOT NULL,
    listed_gini REAL NOT NULL,
    CONSTRAINT pk_pick_model PRIMARY KEY (number)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE pick_test (
    among TEXT NOT NULL,
    method TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    people INTEGER NOT NULL,
    CONSTRAINT pk_pick_test PRIMARY KEY (among, method, metric)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE playbook (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    channel TEXT,
    days INTEGER NOT NULL,
    measure TEXT NOT NULL,
    lift REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    note TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_playbook PRIMARY KEY (code)
)
 STRICT;
CREATE TABLE profile_attr (
    person_id BLOB NOT NULL,
    attr TEXT NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    strategy TEXT NOT NULL,
    observed_at INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    CONSTRAINT pk_profile_attr PRIMARY KEY (person_id, attr)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE rent_month (
    month TEXT NOT NULL,
    lease_code TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    tenant_code TEXT NOT NULL,
    held_days INTEGER NOT NULL,
    base_minor INTEGER NOT NULL,
    service_minor INTEGER NOT NULL,
    levy_minor INTEGER NOT NULL,
    turnover_minor INTEGER,
    CONSTRAINT pk_rent_month PRIMARY KEY (month, lease_code)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE sales_month (
    month TEXT NOT NULL,
    tenant_code TEXT NOT NULL,
    tier TEXT NOT NULL,
    gross_minor INTEGER NOT NULL,
    net_minor INTEGER NOT NULL,
    txns INTEGER NOT NULL,
    CONSTRAINT pk_sales_month PRIMARY KEY (month, tenant_code, tier)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE score_history (
    use TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    composite REAL NOT NULL,
    "before" REAL,
    rung TEXT NOT NULL,
    cause TEXT NOT NULL,
    detail TEXT NOT NULL,
    change REAL NOT NULL,
    CONSTRAINT pk_score_history PRIMARY KEY (use, subject_id, at)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE score_rule (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    use TEXT NOT NULL,
    name TEXT NOT NULL,
    field TEXT NOT NULL,
    op TEXT NOT NULL,
    value TEXT NOT NULL,
    points INTEGER NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_score_rule PRIMARY KEY (id),
    CONSTRAINT uq_score_rule_code UNIQUE (code)
)
 STRICT;
CREATE TABLE score_weights (
    use TEXT NOT NULL,
    version INTEGER NOT NULL,
    weights TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    undoes INTEGER,
    CONSTRAINT pk_score_weights PRIMARY KEY (use, version)
)
 STRICT;
CREATE TABLE segment (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT pk_segment PRIMARY KEY (id),
    CONSTRAINT uq_segment_code UNIQUE (code)
)
 STRICT;
CREATE TABLE segment_delta (
    run_id INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    segment_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    change TEXT NOT NULL,
    why TEXT NOT NULL,
    CONSTRAINT pk_segment_delta PRIMARY KEY (run_id, person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_segment_delta_person_id ON segment_delta (person_id);
CREATE INDEX ix_segment_delta_segment_id_at ON segment_delta (segment_id, at);
CREATE TABLE segment_member (
    segment_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    since INTEGER NOT NULL,
    why TEXT NOT NULL,
    CONSTRAINT pk_segment_member PRIMARY KEY (segment_id, person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_segment_member_person_id ON segment_member (person_id);
CREATE TABLE segment_run (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    segment_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    watermark INTEGER NOT NULL,
    ms REAL NOT NULL,
    size INTEGER NOT NULL,
    entered INTEGER NOT NULL,
    exited INTEGER NOT NULL,
    drift INTEGER
)
 STRICT;
CREATE INDEX ix_segment_run_segment_id_at ON segment_run (segment_id, at);
CREATE TABLE segment_transition (
    system TEXT NOT NULL,
    back INTEGER NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    people INTEGER NOT NULL,
    share REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    CONSTRAINT pk_segment_transition PRIMARY KEY (system, back, source, target)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE shared_sign (
    identifier_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    people INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT pk_shared_sign PRIMARY KEY (identifier_id, person_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_shared_sign_person_id ON shared_sign (person_id);
CREATE TABLE stage_bottleneck (
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    entered INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    share REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    spend_lost_minor INTEGER NOT NULL,
    spend_on_minor INTEGER NOT NULL,
    worth_minor INTEGER NOT NULL,
    CONSTRAINT pk_stage_bottleneck PRIMARY KEY (kind, place)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE stage_change (
    person_id BLOB NOT NULL,
    day TEXT NOT NULL,
    previous TEXT,
    stage TEXT NOT NULL,
    cause TEXT NOT NULL,
    CONSTRAINT pk_stage_change PRIMARY KEY (person_id, day)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_stage_change_day ON stage_change (day, previous, stage);
CREATE TABLE stage_conversion (
    stage TEXT NOT NULL,
    horizon INTEGER NOT NULL,
    people INTEGER NOT NULL,
    converted INTEGER NOT NULL,
    share REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    CONSTRAINT pk_stage_conversion PRIMARY KEY (stage, horizon)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE stage_dwell (
    stage TEXT NOT NULL,
    spells INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    median_days INTEGER,
    low_days INTEGER,
    high_days INTEGER,
    curve TEXT NOT NULL,
    CONSTRAINT pk_stage_dwell PRIMARY KEY (stage)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE stage_model (
    model TEXT NOT NULL,
    people INTEGER NOT NULL,
    log_loss REAL NOT NULL,
    accuracy REAL NOT NULL,
    gain REAL NOT NULL,
    gain_low REAL NOT NULL,
    gain_high REAL NOT NULL,
    shipped INTEGER NOT NULL,
    CONSTRAINT pk_stage_model PRIMARY KEY (model)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE stage_next (
    stage TEXT NOT NULL,
    band TEXT NOT NULL,
    next TEXT NOT NULL,
    people INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    share REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    base REAL NOT NULL,
    CONSTRAINT pk_stage_next PRIMARY KEY (stage, band, next)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE suppression (
    value_hmac BLOB NOT NULL,
    channel TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER,
    CONSTRAINT pk_suppression PRIMARY KEY (value_hmac, channel)
)
 STRICT;
CREATE TABLE touch_credit (
    lookback_days INTEGER NOT NULL,
    conversion TEXT NOT NULL,
    model TEXT NOT NULL,
    dimension TEXT NOT NULL,
    code TEXT NOT NULL,
    conversions REAL NOT NULL,
    conversions_low REAL NOT NULL,
    conversions_high REAL NOT NULL,
    value_minor INTEGER NOT NULL,
    value_low_minor INTEGER NOT NULL,
    value_high_minor INTEGER NOT NULL,
    CONSTRAINT pk_touch_credit PRIMARY KEY (lookback_days, conversion, model, dimension, code)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE touch_lag (
    lookback_days INTEGER NOT NULL,
    conversion TEXT NOT NULL,
    days INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    CONSTRAINT pk_touch_lag PRIMARY KEY (lookback_days, conversion, days)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE touch_path (
    lookback_days INTEGER NOT NULL,
    conversion TEXT NOT NULL,
    path TEXT NOT NULL,
    conversions INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    value_minor INTEGER NOT NULL,
    mean_days REAL,
    CONSTRAINT pk_touch_path PRIMARY KEY (lookback_days, conversion, path)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE touch_summary (
    lookback_days INTEGER NOT NULL,
    conversion TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    people INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    value_minor INTEGER NOT NULL,
    touched INTEGER NOT NULL,
    touched_minor INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT pk_touch_summary PRIMARY KEY (lookback_days, conversion)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE touchpoint (
    person_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    n INTEGER NOT NULL,
    n_90 INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    CONSTRAINT pk_touchpoint PRIMARY KEY (person_id, channel)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE visit_session (
    person_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    day TEXT NOT NULL,
    stops INTEGER NOT NULL,
    receipts INTEGER NOT NULL,
    tenants INTEGER NOT NULL,
    zones INTEGER NOT NULL,
    net_minor INTEGER NOT NULL,
    CONSTRAINT pk_visit_session PRIMARY KEY (person_id, started_at)
)
 WITHOUT ROWID,
 STRICT;
CREATE INDEX ix_visit_session_day ON visit_session (day);
CREATE TABLE win_back (
    campaign_id BLOB NOT NULL,
    first_day TEXT NOT NULL,
    quiet_days INTEGER NOT NULL,
    horizon INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    sent_back INTEGER NOT NULL,
    held INTEGER NOT NULL,
    held_back INTEGER NOT NULL,
    lift REAL,
    low REAL,
    high REAL,
    CONSTRAINT pk_win_back PRIMARY KEY (campaign_id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE consent_decision (
    id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    source_key TEXT NOT NULL,
    identifier_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    decision TEXT NOT NULL,
    notice TEXT,
    evidence TEXT,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    actor TEXT NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_consent_decision PRIMARY KEY (id),
    CONSTRAINT uq_consent_decision_source_id_source_key UNIQUE (source_id, source_key),
    CONSTRAINT fk_consent_decision_source_id FOREIGN KEY(source_id) REFERENCES source (id),
    CONSTRAINT fk_consent_decision_identifier_id FOREIGN KEY(identifier_id) REFERENCES identifier (id)
)
 STRICT;
CREATE INDEX ix_consent_decision_identifier_id ON consent_decision (identifier_id);
CREATE TABLE person_attr (
    id BLOB NOT NULL,
    identifier_id BLOB NOT NULL,
    attr TEXT NOT NULL,
    source_id BLOB NOT NULL,
    value TEXT NOT NULL,
    sign_id BLOB,
    observed_at INTEGER NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_person_attr PRIMARY KEY (id),
    CONSTRAINT fk_person_attr_identifier_id FOREIGN KEY(identifier_id) REFERENCES identifier (id),
    CONSTRAINT fk_person_attr_source_id FOREIGN KEY(source_id) REFERENCES source (id)
)
 STRICT;
CREATE INDEX ix_person_attr_batch_id ON person_attr (batch_id);
CREATE INDEX ix_person_attr_identifier_id ON person_attr (identifier_id, attr);
CREATE INDEX ix_person_attr_sign_id ON person_attr (sign_id);
CREATE TABLE prospect (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_zh TEXT,
    category_id BLOB,
    outlets INTEGER,
    home_area TEXT,
    channel TEXT,
    created_day TEXT NOT NULL,
    batch_id BLOB,
    CONSTRAINT pk_prospect PRIMARY KEY (id),
    CONSTRAINT uq_prospect_code UNIQUE (code),
    CONSTRAINT fk_prospect_category_id FOREIGN KEY(category_id) REFERENCES category (id)
)
 STRICT;
CREATE INDEX ix_prospect_category_id ON prospect (category_id);
CREATE TABLE segment_pin (
    segment_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    pin TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_segment_pin PRIMARY KEY (segment_id, person_id),
    CONSTRAINT fk_segment_pin_segment_id FOREIGN KEY(segment_id) REFERENCES segment (id),
    CONSTRAINT fk_segment_pin_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
 STRICT;
CREATE TABLE segment_version (
    segment_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_segment_version PRIMARY KEY (segment_id, version),
    CONSTRAINT fk_segment_version_segment_id FOREIGN KEY(segment_id) REFERENCES segment (id)
)
 STRICT;
CREATE TABLE deal (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    prospect_id BLOB NOT NULL,
    pipeline TEXT NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    value_minor INTEGER,
    gla_m2 REAL,
    owner TEXT,
    opened_day TEXT NOT NULL,
    closed_day TEXT,
    lost_reason TEXT,
    batch_id BLOB,
    CONSTRAINT pk_deal PRIMARY KEY (id),
    CONSTRAINT uq_deal_code UNIQUE (code),
    CONSTRAINT fk_deal_prospect_id FOREIGN KEY(prospect_id) REFERENCES prospect (id)
)
 STRICT;
CREATE INDEX ix_deal_prospect_id ON deal (prospect_id);
CREATE TABLE money_line (
    id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    source_key TEXT NOT NULL,
    day TEXT NOT NULL,
    side TEXT NOT NULL,
    head TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    tenant_id BLOB,
    zone_code TEXT,
    campaign_id BLOB,
    occasion_id BLOB,
    note TEXT,
    batch_id BLOB NOT NULL,
    CONSTRAINT pk_money_line PRIMARY KEY (id),
    CONSTRAINT uq_money_line_source_id_source_key UNIQUE (source_id, source_key),
    CONSTRAINT fk_money_line_source_id FOREIGN KEY(source_id) REFERENCES source (id),
    CONSTRAINT fk_money_line_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenant (id),
    CONSTRAINT fk_money_line_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaign (id),
    CONSTRAINT fk_money_line_occasion_id FOREIGN KEY(occasion_id) REFERENCES occasion (id)
)
 STRICT;
CREATE INDEX ix_money_line_day ON money_line (day);
CREATE TABLE deal_activity (
    id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    source_key TEXT NOT NULL,
    deal_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    stage TEXT,
    at INTEGER NOT NULL,
    day TEXT NOT NULL,
    minute INTEGER NOT NULL,
    batch_id BLOB NOT NULL,
    CONSTRAINT pk_deal_activity PRIMARY KEY (id),
    CONSTRAINT uq_deal_activity_source_id_source_key UNIQUE (source_id, source_key),
    CONSTRAINT fk_deal_activity_source_id FOREIGN KEY(source_id) REFERENCES source (id),
    CONSTRAINT fk_deal_activity_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id)
)
 STRICT;
CREATE INDEX ix_deal_activity_deal_id_at ON deal_activity (deal_id, at);
