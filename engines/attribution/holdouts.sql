-- What each campaign's people did from their assignment to its end (at least $least_days days), by arm and tenant ('' for
-- the mall): people assigned ('sent' or 'held'), buyers, check-ins, receipts and money with the sums of squares by person.
-- Who was assigned counts, whatever was opened. `returned` came or bought within $least_days days of the message; `days_left`
-- is how long the newest assigned person's days still run.
WITH assigned AS (
    SELECT
        c.code AS campaign, o.person_id AS person_id, min(a.at) AS moment,
        min(CASE WHEN a.kind = 'campaign_holdout' THEN 0 ELSE 1 END) AS sent_low,
        max(CASE WHEN a.kind = 'campaign_holdout' THEN 0 ELSE 1 END) AS sent_high
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.kind IN ('campaign_sent', 'campaign_holdout') AND a.at <= $at
    GROUP BY c.code, o.person_id
),
subject AS (
    SELECT
        s.campaign AS campaign, s.person_id AS person_id, s.moment AS moment,
        CASE WHEN s.sent_high = 1 THEN 'sent' ELSE 'held' END AS arm,
        s.moment + CAST(greatest(
            CAST($least_days AS BIGINT),
            date_diff('day', CAST(c.from_day AS DATE), CAST(c.to_day AS DATE)) + 1
        ) AS BIGINT) * 86400000 AS until
    FROM assigned AS s
    INNER JOIN campaign AS c ON c.code = s.campaign
    WHERE s.sent_low = s.sent_high
),
size AS (
    SELECT
        campaign, arm, count(*) AS people, min(moment) AS first_at,
        greatest(CAST(0 AS BIGINT), CAST(ceil((max(until) - $at) / 86400000.0) AS BIGINT)) AS days_left
    FROM subject
    GROUP BY campaign, arm
),
spent AS (
    SELECT
        u.campaign AS campaign, u.arm AS arm, u.person_id AS person_id, coalesce(t.code, '?') AS tenant,
        sum(CASE WHEN s.net_minor > 0 THEN 1 ELSE 0 END) AS receipts, sum(s.net_minor) AS net_minor
    FROM subject AS u
    INNER JOIN identifier_owner AS o ON o.person_id = u.person_id
    INNER JOIN sale AS s ON s.identifier_id = o.identifier_id AND s.at >= u.moment AND s.at < u.until AND s.at <= $at
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    GROUP BY u.campaign, u.arm, u.person_id, coalesce(t.code, '?')
),
person AS (
    SELECT campaign, arm, person_id, tenant, receipts, net_minor FROM spent
    UNION ALL
    SELECT campaign, arm, person_id, '' AS tenant, sum(receipts) AS receipts, sum(net_minor) AS net_minor
    FROM spent
    GROUP BY campaign, arm, person_id
),
came AS (
    SELECT u.campaign AS campaign, u.arm AS arm, count(DISTINCT u.person_id) AS visitors
    FROM subject AS u
    INNER JOIN identifier_owner AS o ON o.person_id = u.person_id
    INNER JOIN activity AS a ON a.identifier_id = o.identifier_id AND a.at >= u.moment AND a.at < u.until AND a.at <= $at
    WHERE a.kind = 'visit'
    GROUP BY u.campaign, u.arm
),
back AS (
    SELECT campaign, count(DISTINCT person_id) AS returned
    FROM (
        SELECT u.campaign AS campaign, u.person_id AS person_id
        FROM subject AS u
        INNER JOIN identifier_owner AS o ON o.person_id = u.person_id
        INNER JOIN activity AS a
            ON
                a.identifier_id = o.identifier_id AND a.at >= u.moment AND a.at <= $at
                AND a.at < u.moment + CAST($least_days AS BIGINT) * 86400000
        WHERE u.arm = 'sent' AND a.kind = 'visit'
        UNION ALL
        SELECT u.campaign AS campaign, u.person_id AS person_id
        FROM subject AS u
        INNER JOIN identifier_owner AS o ON o.person_id = u.person_id
        INNER JOIN sale AS s
            ON
                s.identifier_id = o.identifier_id AND s.at >= u.moment AND s.at <= $at
                AND s.at < u.moment + CAST($least_days AS BIGINT) * 86400000
        WHERE u.arm = 'sent' AND s.net_minor > 0
    ) AS either
    GROUP BY campaign
),
answered AS (
    SELECT
        c.code AS campaign,
        count(DISTINCT CASE WHEN a.kind = 'campaign_opened' THEN o.person_id END) AS openers,
        count(DISTINCT CASE WHEN a.kind = 'campaign_clicked' THEN o.person_id END) AS clickers
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.at <= $at AND a.kind IN ('campaign_opened', 'campaign_clicked')
    GROUP BY c.code
),
added AS (
    SELECT
        campaign, arm, tenant,
        sum(CASE WHEN receipts > 0 THEN 1 ELSE 0 END) AS buyers, sum(receipts) AS receipts,
        sum(CAST(receipts AS DOUBLE) * receipts) AS receipts_squares, sum(net_minor) AS net_minor,
        sum(CAST(net_minor AS DOUBLE) * net_minor) AS net_squares
    FROM person
    GROUP BY campaign, arm, tenant
),
place AS (
    SELECT campaign, arm, tenant FROM added
    UNION
    SELECT campaign, arm, '' AS tenant FROM size
)
SELECT
    p.campaign AS campaign, p.arm AS arm, p.tenant AS tenant, CAST(z.people AS BIGINT) AS people, z.first_at AS first_at,
    z.days_left AS days_left,
    CAST(coalesce(d.buyers, 0) AS BIGINT) AS buyers, CAST(coalesce(d.receipts, 0) AS BIGINT) AS receipts,
    coalesce(d.receipts_squares, 0.0) AS receipts_squares, CAST(coalesce(d.net_minor, 0) AS BIGINT) AS net_minor,
    coalesce(d.net_squares, 0.0) AS net_squares,
    CAST(CASE WHEN p.tenant = '' THEN coalesce(v.visitors, 0) ELSE 0 END AS BIGINT) AS visitors,
    CAST(CASE WHEN p.tenant = '' AND p.arm = 'sent' THEN coalesce(w.openers, 0) ELSE 0 END AS BIGINT) AS openers,
    CAST(CASE WHEN p.tenant = '' AND p.arm = 'sent' THEN coalesce(w.clickers, 0) ELSE 0 END AS BIGINT) AS clickers,
    CAST(CASE WHEN p.tenant = '' AND p.arm = 'sent' THEN coalesce(b.returned, 0) ELSE 0 END AS BIGINT) AS returned
FROM place AS p
INNER JOIN size AS z ON z.campaign = p.campaign AND z.arm = p.arm
LEFT JOIN added AS d ON d.campaign = p.campaign AND d.arm = p.arm AND d.tenant = p.tenant
LEFT JOIN came AS v ON v.campaign = p.campaign AND v.arm = p.arm
LEFT JOIN answered AS w ON w.campaign = p.campaign
LEFT JOIN back AS b ON b.campaign = p.campaign
ORDER BY campaign, arm, tenant
