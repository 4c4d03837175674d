-- How touch paths read: their channels in order (the newest six), how many converted, how many days after the first touch, and
-- how many did not. Paths are those of credits.sql.
WITH message AS (
    SELECT o.person_id AS person_id, a.day AS day, c.channel AS channel, c.code AS campaign, min(a.at) AS moment
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.at <= $at AND a.kind IN ('campaign_sent', 'campaign_delivered', 'campaign_opened', 'campaign_clicked')
    GROUP BY o.person_id, a.day, c.channel, c.code
),
other AS (
    SELECT
        o.person_id AS person_id, a.day AS day,
        CASE a.kind WHEN 'page_view' THEN 'web' WHEN 'app_open' THEN 'app_visit' ELSE a.kind END AS channel,
        min(a.at) AS moment
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.at <= $at AND a.kind IN ('page_view', 'app_open', 'referral', 'coupon_issued', 'call', 'social')
    GROUP BY o.person_id, a.day, a.kind
),
touch AS (
    SELECT
        person_id, moment, channel, campaign, row_number() OVER (ORDER BY person_id, moment, channel, campaign) AS number
    FROM (
        SELECT person_id, moment, channel, campaign FROM message
        UNION ALL
        SELECT person_id, moment, channel, '' AS campaign FROM other
    ) AS either
),
bought AS (
    SELECT
        o.person_id AS person_id, CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END AS moment, s.net_minor AS value_minor,
        coalesce(t.code, '') AS tenant, row_number() OVER (PARTITION BY o.person_id ORDER BY s.at, s.id) AS place
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    WHERE s.net_minor > 0 AND s.at <= $at
),
reached AS (
    SELECT 'purchase' AS conversion, person_id, moment, value_minor, tenant FROM bought
    UNION ALL
    SELECT 'first' AS conversion, person_id, moment, value_minor, tenant FROM bought WHERE place = 1
    UNION ALL
    SELECT 'visit' AS conversion, o.person_id AS person_id, min(a.at) AS moment, 0 AS value_minor, '' AS tenant
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND a.at <= $at
    GROUP BY o.person_id, a.day
),
conversion AS (
    SELECT
        conversion, person_id, moment, value_minor, tenant,
        row_number() OVER (ORDER BY conversion, person_id, moment, tenant, value_minor) AS path
    FROM reached
    WHERE moment > $at - CAST($window_days AS BIGINT) * 86400000
),
won AS (
    SELECT
        v.conversion AS conversion, v.path AS path, v.tenant AS tenant, v.value_minor AS value_minor,
        t.person_id AS person_id, t.number AS number, t.channel AS channel, t.campaign AS campaign, v.moment - t.moment AS age
    FROM conversion AS v
    INNER JOIN touch AS t
        ON
            t.person_id = v.person_id AND t.moment <= v.moment
            AND t.moment > v.moment - CAST($lookback_days AS BIGINT) * 86400000
),
aim AS (
    SELECT 'purchase' AS conversion, 1 AS kind WHERE EXISTS (SELECT 1 FROM sale AS s WHERE s.at <= $at)
    UNION ALL
    SELECT 'first' AS conversion, 2 AS kind WHERE EXISTS (SELECT 1 FROM sale AS s WHERE s.at <= $at)
    UNION ALL
    SELECT 'visit' AS conversion, 3 AS kind WHERE EXISTS (SELECT 1 FROM activity AS a WHERE a.kind = 'visit' AND a.at <= $at)
),
missed AS (
    SELECT
        k.conversion AS conversion, k.kind AS kind, t.person_id AS person_id, t.number AS number, t.channel AS channel,
        t.campaign AS campaign,
        CASE
            WHEN
                t.moment - lag(t.moment) OVER (PARTITION BY k.kind, t.person_id ORDER BY t.number)
                <= CAST($lookback_days AS BIGINT) * 86400000
                THEN 0
            ELSE t.number
        END AS begins
    FROM touch AS t
    CROSS JOIN aim AS k
    LEFT JOIN (SELECT person_id, moment FROM bought WHERE place = 1) AS f
        ON f.person_id = t.person_id AND k.conversion = 'first' AND f.moment < t.moment
    WHERE
        f.person_id IS NULL
        AND t.moment <= $at - CAST($lookback_days AS BIGINT) * 86400000
        AND t.moment > $at - CAST($window_days AS BIGINT) * 86400000
        AND NOT EXISTS (
            SELECT 1
            FROM reached AS r
            WHERE
                r.conversion = k.conversion AND r.person_id = t.person_id AND r.moment >= t.moment
                AND r.moment < t.moment + CAST($lookback_days AS BIGINT) * 86400000
        )
),
lost AS (
    SELECT
        conversion, person_id, number, channel, campaign,
        -4 * max(begins) OVER (
            PARTITION BY kind, person_id ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - kind AS path
    FROM missed
),
step AS (
    SELECT conversion, 1 AS won, path, tenant, value_minor, person_id, number, channel, campaign, age FROM won
    UNION ALL
    SELECT
        conversion, 0 AS won, path, '' AS tenant, 0 AS value_minor, person_id, number, channel, campaign, 0 AS age
    FROM lost
),
placed AS (
    SELECT
        conversion, won, path, value_minor, channel, age,
        row_number() OVER (PARTITION BY path ORDER BY number DESC) AS back,
        count(*) OVER (PARTITION BY path) AS size
    FROM step
),
written AS (
    SELECT
        conversion, won,
        max(CASE WHEN size > 6 THEN '… > ' ELSE '' END)
        || coalesce(max(CASE WHEN back = 6 THEN channel || ' > ' END), '')
        || coalesce(max(CASE WHEN back = 5 THEN channel || ' > ' END), '')
        || coalesce(max(CASE WHEN back = 4 THEN channel || ' > ' END), '')
        || coalesce(max(CASE WHEN back = 3 THEN channel || ' > ' END), '')
        || coalesce(max(CASE WHEN back = 2 THEN channel || ' > ' END), '')
        || max(CASE WHEN back = 1 THEN channel END) AS channels,
        max(value_minor) AS value_minor,
        CASE WHEN won = 1 THEN CAST(floor(max(age) / 86400000.0) AS BIGINT) ELSE -1 END AS days
    FROM placed
    GROUP BY conversion, won, path
)
SELECT
    conversion, channels AS path, days,
    CAST(sum(won) AS BIGINT) AS conversions, CAST(sum(1 - won) AS BIGINT) AS lost,
    CAST(sum(value_minor) AS BIGINT) AS value_minor
FROM written
GROUP BY conversion, channels, days
ORDER BY conversion, channels, days
