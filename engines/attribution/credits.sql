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
    SELECT
        person_id, moment, channel, campaign, channel || '|' || campaign AS message,
        row_number() OVER (ORDER BY person_id, moment, channel, campaign) AS number
    FROM (
        SELECT person_id, moment, channel, campaign FROM message
        UNION ALL
        SELECT person_id, moment, channel, '' AS campaign FROM other
    ) AS either
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
    SELECT v.path AS path, t.number AS number, v.moment - t.moment AS age
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
        k.kind AS kind, t.person_id AS person_id, t.number AS number,
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
        -4 * max(begins) OVER (
            PARTITION BY kind, person_id ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - kind AS path,
        number
    FROM missed
),
step AS (
    SELECT path, number, age FROM won
    UNION ALL
    SELECT path, number, 0 AS age FROM lost
),
sized AS (
    SELECT path, count(*) AS size
    FROM step
    GROUP BY path
),
many AS (
    SELECT
        s.path AS path, s.number AS number, z.size AS size, t.channel AS channel, t.message AS message,
        power(CAST(0.5 AS DOUBLE), s.age / (3 * 86400000.0)) AS fresh_3,
        power(CAST(0.5 AS DOUBLE), s.age / (7 * 86400000.0)) AS fresh_7,
        power(CAST(0.5 AS DOUBLE), s.age / (14 * 86400000.0)) AS fresh_14
    FROM step AS s
    INNER JOIN sized AS z ON z.path = s.path
    INNER JOIN touch AS t ON t.number = s.number
    WHERE z.size > 1
),
placed AS (
    SELECT
        path, number, size, fresh_3, fresh_7, fresh_14,
        row_number() OVER (PARTITION BY path ORDER BY number) AS place,
        lag(number) OVER (PARTITION BY path ORDER BY number) AS before,
        CASE WHEN row_number() OVER (PARTITION BY path, channel ORDER BY number) = 1 THEN 1 ELSE 0 END AS new_channel,
        CASE WHEN row_number() OVER (PARTITION BY path, message ORDER BY number) = 1 THEN 1 ELSE 0 END AS new_message
    FROM many
),
summed AS (
    SELECT
        path, sum(new_channel) AS channels, sum(new_message) AS messages, sum(fresh_3) AS fresh_3,
        sum(fresh_7) AS fresh_7, sum(fresh_14) AS fresh_14
    FROM placed
    GROUP BY path
),
weighed AS (
    SELECT
        p.path AS path, p.number AS number, p.before AS before,
        CASE WHEN p.place = 1 THEN 1 ELSE 0 END AS is_first,
        CASE WHEN p.place = p.size THEN 1 ELSE 0 END AS is_last,
        CAST(1 AS DOUBLE) / p.size AS linear_share,
        p.fresh_3 / s.fresh_3 AS decay_3_share, p.fresh_7 / s.fresh_7 AS decay_7_share,
        p.fresh_14 / s.fresh_14 AS decay_14_share,
        CASE
            WHEN p.size = 2 THEN 0.5
            WHEN p.place = 1 OR p.place = p.size THEN 0.4
            ELSE CAST(0.2 AS DOUBLE) / (p.size - 2)
        END AS position_share,
        CAST(p.new_channel AS DOUBLE) / s.channels AS channel_share,
        CAST(p.new_message AS DOUBLE) / s.messages AS message_share
    FROM placed AS p
    INNER JOIN summed AS s ON s.path = p.path
    UNION ALL
    SELECT
        s.path AS path, s.number AS number, CAST(NULL AS BIGINT) AS before, 1 AS is_first, 1 AS is_last,
        1.0 AS linear_share, 1.0 AS decay_3_share, 1.0 AS decay_7_share, 1.0 AS decay_14_share, 1.0 AS position_share,
        1.0 AS channel_share, 1.0 AS message_share
    FROM step AS s
    INNER JOIN sized AS z ON z.path = s.path
    WHERE z.size = 1
),
shared AS (
    SELECT
        w.*, d.part AS part,
        CASE
            WHEN w.path > 0 THEN v.conversion
            WHEN w.path % 4 = -1 THEN 'purchase'
            WHEN w.path % 4 = -2 THEN 'first'
            ELSE 'visit'
        END AS conversion,
        CASE WHEN w.path > 0 THEN 1 ELSE 0 END AS won, coalesce(v.tenant, '') AS tenant,
        CAST(coalesce(v.value_minor, 0) AS DOUBLE) AS value, t.channel AS channel, t.campaign AS campaign,
        coalesce(b.message, '') AS came
    FROM weighed AS w
    INNER JOIN touch AS t ON t.number = w.number
    INNER JOIN dealt AS d ON d.person_id = t.person_id
    LEFT JOIN touch AS b ON b.number = w.before
    LEFT JOIN conversion AS v ON v.path = w.path
)
SELECT
    CAST(part AS BIGINT) AS part, conversion, came AS before, channel, campaign, tenant,
    CAST(sum(won) AS BIGINT) AS steps_won, CAST(sum(1 - won) AS BIGINT) AS steps_lost,
    CAST(sum(is_last * (1 - won)) AS BIGINT) AS ends_lost,
    CAST(sum(won * is_first) AS DOUBLE) AS first_n, CAST(sum(value * is_first) AS DOUBLE) AS first_v,
    CAST(sum(won * is_last) AS DOUBLE) AS last_n, CAST(sum(value * is_last) AS DOUBLE) AS last_v,
    sum(won * linear_share) AS linear_n, sum(value * linear_share) AS linear_v,
    sum(won * decay_3_share) AS decay_3_n, sum(value * decay_3_share) AS decay_3_v,
    sum(won * decay_7_share) AS decay_7_n, sum(value * decay_7_share) AS decay_7_v,
    sum(won * decay_14_share) AS decay_14_n, sum(value * decay_14_share) AS decay_14_v,
    sum(won * position_share) AS position_n, sum(value * position_share) AS position_v,
    sum(won * channel_share) AS channel_n, sum(value * channel_share) AS channel_v,
    sum(won * message_share) AS message_n, sum(value * message_share) AS message_v
FROM shared
GROUP BY part, conversion, came, channel, campaign, tenant
ORDER BY part, conversion, before, channel, campaign, tenant
