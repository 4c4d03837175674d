-- Each person's behaviour up to the instant $at on the business day $day: 33 features of purchases, visits and messages. Nothing
-- later is read, so that features as of a past day are what they would have been on it. A return lowers money and is no purchase;
-- receipts of identifiers that belong to nobody are left out. Windows of n days end with $day and hold it. Of more than $most people,
-- every k-th in the order of their ids is taken, so that about so many are left. People and shops go by small numbers meanwhile, what
-- a receipt's time says is packed (`at_time`: 1 timed, 2 from 17:00 on, 4 more at a weekend, counted from a Monday), and what can be counted is counted and
-- not summed: all for the memory that ten million receipts take.
WITH numbered AS (
    SELECT
        person_id, CAST(row_number() OVER (ORDER BY person_id) AS INTEGER) AS n, count(*) OVER () AS everyone
    FROM identifier_owner
    GROUP BY person_id
),
people AS (
    SELECT person_id, n
    FROM numbered
    WHERE everyone <= $most OR n % CAST(ceil(CAST(everyone AS DOUBLE) / $most) AS INTEGER) = 0
),
owner AS (
    SELECT o.identifier_id AS identifier_id, p.n AS n
    FROM identifier_owner AS o
    INNER JOIN people AS p ON p.person_id = o.person_id
),
shop AS (
    SELECT
        id, CAST(row_number() OVER (ORDER BY id) AS SMALLINT) AS tenant,
        CASE WHEN category_id IS NOT NULL THEN CAST(dense_rank() OVER (ORDER BY category_id) AS SMALLINT) END AS category
    FROM tenant
),
bought AS (
    SELECT
        o.n AS n, CAST(date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS INTEGER) AS age,
        t.tenant AS tenant, s.net_minor AS net_minor,
        CAST(CASE WHEN s.minute >= 1020 THEN 2 WHEN s.minute >= 0 THEN 1 ELSE 0 END
            + CASE WHEN date_diff('day', CAST('1970-01-05' AS DATE), CAST(s.day AS DATE)) % 7 >= 5 THEN 4 ELSE 0 END AS SMALLINT) AS at_time
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    LEFT JOIN shop AS t ON t.id = s.tenant_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
),
placed AS (
    SELECT
        n, age, net_minor, at_time,
        lag(age) OVER (PARTITION BY n, CASE WHEN net_minor >= 0 THEN 1 ELSE 0 END ORDER BY age DESC) AS before
    FROM bought
),
marked AS (
    SELECT
        n, age, net_minor, at_time,
        CASE WHEN net_minor >= 0 AND (before IS NULL OR before <> age) THEN age END AS new_day,
        CASE WHEN net_minor >= 0 AND before <> age THEN CAST(before - age AS DOUBLE) END AS gap
    FROM placed
),
buyer AS (
    SELECT
        n,
        min(new_day) AS recency_days,
        max(new_day) AS tenure_days,
        count(new_day) AS frequency,
        CAST(sum(net_minor) AS BIGINT) AS monetary_minor,
        count(CASE WHEN net_minor >= 0 THEN 1 END) AS receipts,
        count(CASE WHEN net_minor < 0 THEN 1 END) AS returns,
        max(net_minor) AS largest_minor,
        count(CASE WHEN new_day < 30 THEN 1 END) AS days_30,
        count(CASE WHEN new_day < 90 THEN 1 END) AS days_90,
        count(CASE WHEN new_day < 180 THEN 1 END) AS days_180,
        count(CASE WHEN new_day < 365 THEN 1 END) AS days_365,
        CAST(sum(CASE WHEN age < 30 THEN net_minor END) AS BIGINT) AS spend_30_minor,
        CAST(sum(CASE WHEN age < 90 THEN net_minor END) AS BIGINT) AS spend_90_minor,
        CAST(sum(CASE WHEN age < 365 THEN net_minor END) AS BIGINT) AS spend_365_minor,
        count(CASE WHEN new_day IS NOT NULL AND at_time >= 4 THEN 1 END) AS weekend_days,
        count(CASE WHEN net_minor >= 0 AND at_time % 4 = 2 THEN 1 END) AS evening,
        count(CASE WHEN net_minor >= 0 AND at_time % 4 > 0 THEN 1 END) AS timed,
        count(gap) AS gaps,
        sum(gap) AS sum_gap,
        sum(gap * gap) AS sum_square
    FROM marked
    GROUP BY n
),
by_tenant AS (
    SELECT n, tenant, count(*) AS receipts
    FROM bought
    WHERE net_minor >= 0 AND tenant IS NOT NULL
    GROUP BY n, tenant
),
by_category AS (
    SELECT
        b.n AS n, t.category AS category, count(*) AS tenants, max(b.receipts) AS top_receipts, sum(b.receipts) AS placed
    FROM by_tenant AS b
    INNER JOIN shop AS t ON t.tenant = b.tenant
    GROUP BY b.n, t.category
),
breadth AS (
    SELECT
        n, CAST(sum(tenants) AS BIGINT) AS tenants, count(category) AS categories, max(top_receipts) AS top_receipts,
        CAST(sum(placed) AS BIGINT) AS placed
    FROM by_category
    GROUP BY n
),
act AS (
    SELECT
        o.n AS n, CAST(date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) AS INTEGER) AS age,
        CASE a.kind WHEN 'visit' THEN 1 WHEN 'campaign_sent' THEN 2 WHEN 'campaign_opened' THEN 3
            WHEN 'campaign_clicked' THEN 4 WHEN 'referral' THEN 5 ELSE 0 END AS kind
    FROM activity AS a
    INNER JOIN owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
),
did AS (
    SELECT
        n, min(age) AS activity_days, max(age) AS known_days,
        count(CASE WHEN kind = 1 AND age < 90 THEN 1 END) AS visits_90,
        count(CASE WHEN kind = 1 AND age < 30 THEN 1 END) AS visits_30,
        count(CASE WHEN kind = 2 AND age < 90 THEN 1 END) AS messages_90,
        count(CASE WHEN kind = 3 AND age < 90 THEN 1 END) AS opens_90,
        count(CASE WHEN kind = 4 AND age < 90 THEN 1 END) AS clicks_90,
        count(CASE WHEN kind = 2 AND age < 365 THEN 1 END) AS messages_365,
        count(CASE WHEN kind = 3 AND age < 365 THEN 1 END) AS opens_365,
        count(CASE WHEN kind = 4 AND age < 365 THEN 1 END) AS clicks_365,
        count(CASE WHEN kind = 5 THEN 1 END) AS referred
    FROM act
    GROUP BY n
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
    CASE WHEN b.gaps > 1 THEN sqrt(greatest(b.sum_square / b.gaps - (b.sum_gap / b.gaps) * (b.sum_gap / b.gaps), 0.0)) END
        AS gap_sd_days,
    CAST(coalesce(d.visits_30, 0) AS BIGINT) AS visits_30,
    CAST(coalesce(d.messages_90, 0) AS BIGINT) AS messages_90,
    CAST(coalesce(d.opens_90, 0) AS BIGINT) AS opens_90,
    CAST(coalesce(d.clicks_90, 0) AS BIGINT) AS clicks_90
FROM people AS k
LEFT JOIN buyer AS b ON b.n = k.n
LEFT JOIN breadth AS r ON r.n = k.n
LEFT JOIN did AS d ON d.n = k.n
WHERE b.n IS NOT NULL OR d.n IS NOT NULL
ORDER BY k.n
