-- Touch paths of the $window_days days up to $at, weighed for each rule and added up by what came before, channel, campaign
-- and tenant, over $parts parts of the people (dealt in turn by id: the units of the bootstrap). A conversion's path is every
-- touch of its person in the $lookback_days before it; touches that no conversion followed in as many days are a lost path, and
-- touches too young to tell are left out. A message is one touch a day, whether sent, opened or clicked. Decay halves a touch's
-- weight every 3, 7 or 14 days before the conversion.
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
    SELECT person_id, moment, channel, campaign FROM message
    UNION ALL
    SELECT person_id, moment, channel, '' AS campaign FROM other
),
dealt AS (
    SELECT person_id, row_number() OVER (ORDER BY person_id) % CAST($parts AS BIGINT) AS part
    FROM (SELECT DISTINCT person_id FROM touch) AS touched
),
bought AS (
    SELECT
        o.person_id AS person_id, CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END AS moment, s.net_minor AS value_minor,
        coalesce(t.code, '') AS tenant, row_number() OVER (PARTITION BY o.person_id ORDER BY s.at, s.id) AS place
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    INNER JOIN dealt AS d ON d.person_id = o.person_id
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
        v.conversion AS conversion, v.path AS path, 1 AS won, v.person_id AS person_id, v.tenant AS tenant,
        v.value_minor AS value_minor, t.moment AS moment, t.channel AS channel, t.campaign AS campaign, v.moment - t.moment AS age
    FROM conversion AS v
    INNER JOIN touch AS t
        ON
            t.person_id = v.person_id AND t.moment <= v.moment
            AND t.moment > v.moment - CAST($lookback_days AS BIGINT) * 86400000
),
aim AS (
    SELECT 'purchase' AS conversion
    UNION ALL
    SELECT 'first' AS conversion
    UNION ALL
    SELECT 'visit' AS conversion
),
missed AS (
    SELECT
        k.conversion AS conversion, t.person_id AS person_id, t.moment AS moment, t.channel AS channel, t.campaign AS campaign,
        CASE
            WHEN
                t.moment - lag(t.moment) OVER (PARTITION BY k.conversion, t.person_id ORDER BY t.moment, t.channel, t.campaign)
                <= CAST($lookback_days AS BIGINT) * 86400000
                THEN 0
            ELSE 1
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
        conversion, person_id, moment, channel, campaign,
        sum(begins) OVER (
            PARTITION BY conversion, person_id ORDER BY moment, channel, campaign
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM missed
),
step AS (
    SELECT
        conversion, won, tenant, value_minor, channel, campaign, age, person_id, path, CAST(0 AS BIGINT) AS run, moment
    FROM won
    UNION ALL
    SELECT
        conversion, 0 AS won, '' AS tenant, 0 AS value_minor, channel, campaign, 0 AS age, person_id,
        CAST(0 AS BIGINT) AS path, CAST(run AS BIGINT) AS run, moment
    FROM lost
),
placed AS (
    SELECT
        conversion, won, tenant, value_minor, channel, campaign, person_id, path, run, age,
        row_number() OVER (PARTITION BY conversion, won, person_id, path, run ORDER BY moment, channel, campaign) AS place,
        row_number() OVER (PARTITION BY conversion, won, person_id, path, run, channel ORDER BY moment, campaign) AS again,
        row_number() OVER (PARTITION BY conversion, won, person_id, path, run, channel, campaign ORDER BY moment) AS repeat,
        coalesce(
            lag(channel || '|' || campaign)
                OVER (PARTITION BY conversion, won, person_id, path, run ORDER BY moment, channel, campaign),
            ''
        ) AS before,
        count(*) OVER (PARTITION BY conversion, won, person_id, path, run) AS size
    FROM step
),
weighed AS (
    SELECT
        *,
        sum(CASE WHEN again = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY conversion, won, person_id, path, run) AS channels,
        sum(CASE WHEN repeat = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY conversion, won, person_id, path, run) AS messages,
        power(CAST(0.5 AS DOUBLE), age / (3 * 86400000.0)) AS fresh_3,
        power(CAST(0.5 AS DOUBLE), age / (7 * 86400000.0)) AS fresh_7,
        power(CAST(0.5 AS DOUBLE), age / (14 * 86400000.0)) AS fresh_14
    FROM placed
),
shared AS (
    SELECT
        w.*, d.part AS part, CAST(value_minor AS DOUBLE) AS value,
        CASE WHEN place = 1 THEN 1.0 ELSE 0.0 END AS first_share,
        CASE WHEN place = size THEN 1.0 ELSE 0.0 END AS last_share,
        CAST(1 AS DOUBLE) / size AS linear_share,
        fresh_3 / sum(fresh_3) OVER (PARTITION BY conversion, won, w.person_id, path, run) AS decay_3_share,
        fresh_7 / sum(fresh_7) OVER (PARTITION BY conversion, won, w.person_id, path, run) AS decay_7_share,
        fresh_14 / sum(fresh_14) OVER (PARTITION BY conversion, won, w.person_id, path, run) AS decay_14_share,
        CASE
            WHEN size <= 2 THEN CAST(1 AS DOUBLE) / size
            WHEN place = 1 OR place = size THEN 0.4
            ELSE CAST(0.2 AS DOUBLE) / (size - 2)
        END AS position_share,
        CASE WHEN again = 1 THEN CAST(1 AS DOUBLE) / channels ELSE 0.0 END AS channel_share,
        CASE WHEN repeat = 1 THEN CAST(1 AS DOUBLE) / messages ELSE 0.0 END AS message_share
    FROM weighed AS w
    INNER JOIN dealt AS d ON d.person_id = w.person_id
)
SELECT
    CAST(part AS BIGINT) AS part, conversion, before, channel, campaign, tenant,
    CAST(sum(won) AS BIGINT) AS steps_won, CAST(sum(1 - won) AS BIGINT) AS steps_lost,
    CAST(sum(CASE WHEN place = size THEN 1 - won ELSE 0 END) AS BIGINT) AS ends_lost,
    CAST(sum(won * first_share) AS DOUBLE) AS first_n, CAST(sum(value * first_share) AS DOUBLE) AS first_v,
    CAST(sum(won * last_share) AS DOUBLE) AS last_n, CAST(sum(value * last_share) AS DOUBLE) AS last_v,
    sum(won * linear_share) AS linear_n, sum(value * linear_share) AS linear_v,
    sum(won * decay_3_share) AS decay_3_n, sum(value * decay_3_share) AS decay_3_v,
    sum(won * decay_7_share) AS decay_7_n, sum(value * decay_7_share) AS decay_7_v,
    sum(won * decay_14_share) AS decay_14_n, sum(value * decay_14_share) AS decay_14_v,
    sum(won * position_share) AS position_n, sum(value * position_share) AS position_v,
    sum(won * channel_share) AS channel_n, sum(value * channel_share) AS channel_v,
    sum(won * message_share) AS message_n, sum(value * message_share) AS message_v
FROM shared
GROUP BY part, conversion, before, channel, campaign, tenant
ORDER BY part, conversion, before, channel, campaign, tenant
