-- Each person's behaviour up to the instant $at on the business day $day: 33 features of purchases, visits and messages. Nothing
-- later is read, so that features as of a past day are what they would have been on it. A return lowers money and is no purchase;
-- receipts of identifiers that belong to nobody are left out. Windows of n days end with $day and hold it.
WITH bought AS (
    SELECT
        o.person_id AS person_id, s.day AS day, s.tenant_id AS tenant_id, s.minute AS minute, s.net_minor AS net_minor,
        date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
),
by_day AS (
    SELECT
        person_id, day, age,
        sum(CASE WHEN net_minor >= 0 THEN 1 ELSE 0 END) AS receipts,
        sum(CASE WHEN net_minor < 0 THEN 1 ELSE 0 END) AS returns,
        sum(net_minor) AS net_minor,
        max(net_minor) AS largest_minor,
        sum(CASE WHEN net_minor >= 0 AND minute >= 1020 THEN 1 ELSE 0 END) AS evening,
        sum(CASE WHEN net_minor >= 0 AND minute >= 0 THEN 1 ELSE 0 END) AS timed
    FROM bought
    GROUP BY person_id, day, age
),
buyer AS (
    SELECT
        person_id,
        min(CASE WHEN receipts > 0 THEN age END) AS recency_days,
        max(CASE WHEN receipts > 0 THEN age END) AS tenure_days,
        sum(CASE WHEN receipts > 0 THEN 1 ELSE 0 END) AS frequency,
        sum(net_minor) AS monetary_minor,
        sum(receipts) AS receipts,
        sum(returns) AS returns,
        max(largest_minor) AS largest_minor,
        sum(CASE WHEN receipts > 0 AND age < 30 THEN 1 ELSE 0 END) AS days_30,
        sum(CASE WHEN receipts > 0 AND age < 90 THEN 1 ELSE 0 END) AS days_90,
        sum(CASE WHEN receipts > 0 AND age < 180 THEN 1 ELSE 0 END) AS days_180,
        sum(CASE WHEN receipts > 0 AND age < 365 THEN 1 ELSE 0 END) AS days_365,
        sum(CASE WHEN age < 30 THEN net_minor ELSE 0 END) AS spend_30_minor,
        sum(CASE WHEN age < 90 THEN net_minor ELSE 0 END) AS spend_90_minor,
        sum(CASE WHEN age < 365 THEN net_minor ELSE 0 END) AS spend_365_minor,
        sum(CASE WHEN receipts > 0 AND date_part('isodow', CAST(day AS DATE)) >= 6 THEN 1 ELSE 0 END) AS weekend_days,
        sum(evening) AS evening,
        sum(timed) AS timed
    FROM by_day
    GROUP BY person_id
),
gaps AS (
    SELECT person_id, CAST(lag(age) OVER (PARTITION BY person_id ORDER BY day) - age AS DOUBLE) AS gap
    FROM by_day
    WHERE receipts > 0
),
rhythm AS (
    SELECT person_id, count(gap) AS gaps, sum(gap) AS sum_gap, sum(gap * gap) AS sum_square
    FROM gaps
    GROUP BY person_id
),
by_tenant AS (
    SELECT b.person_id AS person_id, b.tenant_id AS tenant_id, t.category_id AS category_id, count(*) AS receipts
    FROM bought AS b
    LEFT JOIN tenant AS t ON t.id = b.tenant_id
    WHERE b.net_minor >= 0 AND b.tenant_id IS NOT NULL
    GROUP BY b.person_id, b.tenant_id, t.category_id
),
breadth AS (
    SELECT
        person_id, count(*) AS tenants, count(DISTINCT category_id) AS categories, max(receipts) AS top_receipts,
        sum(receipts) AS placed
    FROM by_tenant
    GROUP BY person_id
),
did AS (
    SELECT
        o.person_id AS person_id,
        min(date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE))) AS activity_days,
        max(date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE))) AS known_days,
        sum(CASE WHEN a.kind = 'visit' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90 THEN 1 ELSE 0 END)
            AS visits_90,
        sum(CASE WHEN a.kind = 'visit' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 30 THEN 1 ELSE 0 END)
            AS visits_30,
        sum(CASE WHEN a.kind = 'campaign_sent' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90
            THEN 1 ELSE 0 END) AS messages_90,
        sum(CASE WHEN a.kind = 'campaign_opened' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90
            THEN 1 ELSE 0 END) AS opens_90,
        sum(CASE WHEN a.kind = 'campaign_clicked' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90
            THEN 1 ELSE 0 END) AS clicks_90,
        sum(CASE WHEN a.kind = 'campaign_sent' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 365
            THEN 1 ELSE 0 END) AS messages_365,
        sum(CASE WHEN a.kind = 'campaign_opened' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 365
            THEN 1 ELSE 0 END) AS opens_365,
        sum(CASE WHEN a.kind = 'campaign_clicked' AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 365
            THEN 1 ELSE 0 END) AS clicks_365,
        sum(CASE WHEN a.kind = 'referral' THEN 1 ELSE 0 END) AS referred
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
    GROUP BY o.person_id
),
known AS (
    SELECT person_id FROM buyer
    UNION
    SELECT person_id FROM did
)
SELECT
    k.person_id AS person_id,
    CAST(b.recency_days AS BIGINT) AS recency_days,
    CAST(b.tenure_days AS BIGINT) AS tenure_days,
    CAST(coalesce(b.frequency, 0) AS BIGINT) AS frequency,
    CAST(coalesce(b.monetary_minor, 0) AS BIGINT) AS monetary_minor,
    CAST(coalesce(b.receipts, 0) AS BIGINT) AS receipts,
    CAST(coalesce(b.returns, 0) AS BIGINT) AS returns,
    CAST(coalesce(b.largest_minor, 0) AS BIGINT) AS largest_minor,
    CAST(coalesce(b.days_30, 0) AS BIGINT) AS days_30,
    CAST(coalesce(b.days_90, 0) AS BIGINT) AS days_90,
    CAST(coalesce(b.days_180, 0) AS BIGINT) AS days_180,
    CAST(coalesce(b.days_365, 0) AS BIGINT) AS days_365,
    CAST(coalesce(b.spend_30_minor, 0) AS BIGINT) AS spend_30_minor,
    CAST(coalesce(b.spend_90_minor, 0) AS BIGINT) AS spend_90_minor,
    CAST(coalesce(b.spend_365_minor, 0) AS BIGINT) AS spend_365_minor,
    CASE WHEN b.frequency > 1 THEN CAST(b.tenure_days - b.recency_days AS DOUBLE) / (b.frequency - 1) END AS mean_gap_days,
    CASE WHEN b.frequency > 0 THEN CAST(b.weekend_days AS DOUBLE) / b.frequency END AS weekend_share,
    CASE WHEN b.timed > 0 THEN CAST(b.evening AS DOUBLE) / b.timed END AS evening_share,
    CAST(coalesce(r.tenants, 0) AS BIGINT) AS tenants,
    CAST(coalesce(r.categories, 0) AS BIGINT) AS categories,
    CASE WHEN r.placed > 0 THEN CAST(r.top_receipts AS DOUBLE) / r.placed END AS top_tenant_share,
    CAST(d.activity_days AS BIGINT) AS activity_days,
    CAST(d.known_days AS BIGINT) AS known_days,
    CAST(coalesce(d.visits_90, 0) AS BIGINT) AS visits_90,
    CAST(coalesce(d.messages_365, 0) AS BIGINT) AS messages_365,
    CAST(coalesce(d.opens_365, 0) AS BIGINT) AS opens_365,
    CAST(coalesce(d.clicks_365, 0) AS BIGINT) AS clicks_365,
    CAST(coalesce(d.referred, 0) AS BIGINT) AS referred,
    CASE WHEN g.gaps > 1 THEN sqrt(greatest(g.sum_square / g.gaps - (g.sum_gap / g.gaps) * (g.sum_gap / g.gaps), 0.0)) END
        AS gap_sd_days,
    CAST(coalesce(d.visits_30, 0) AS BIGINT) AS visits_30,
    CAST(coalesce(d.messages_90, 0) AS BIGINT) AS messages_90,
    CAST(coalesce(d.opens_90, 0) AS BIGINT) AS opens_90,
    CAST(coalesce(d.clicks_90, 0) AS BIGINT) AS clicks_90
FROM known AS k
LEFT JOIN buyer AS b ON b.person_id = k.person_id
LEFT JOIN breadth AS r ON r.person_id = k.person_id
LEFT JOIN rhythm AS g ON g.person_id = k.person_id
LEFT JOIN did AS d ON d.person_id = k.person_id
ORDER BY k.person_id
