-- Touch paths (see touches.sql) weighed for each rule and added up by what came before, channel, campaign and tenant, over $parts
-- parts of the people (dealt in turn by id: the units of the bootstrap). Decay halves a touch's weight every 3, 7 or 14 days before
-- the conversion. Paths of one touch give it everything under every rule, and are added up by themselves.
dropped AS (
    SELECT
        days, person % CAST($parts AS BIGINT) AS part, channel, campaign, before, missed_1, missed_2, missed_3, on_1, on_2, on_3,
        end_1, end_2, end_3, count(*) AS n
    FROM chained
    GROUP BY
        days, person % CAST($parts AS BIGINT), channel, campaign, before, missed_1, missed_2, missed_3, on_1, on_2, on_3, end_1, end_2, end_3
),
lost AS (
    SELECT
        d.days AS days, d.part AS part, a.conversion AS conversion, d.channel AS channel, d.campaign AS campaign, d.n AS n,
        CASE WHEN CASE a.kind WHEN 1 THEN d.on_1 WHEN 2 THEN d.on_2 ELSE d.on_3 END = 1 THEN d.before ELSE '' END AS came,
        CASE a.kind WHEN 1 THEN d.end_1 WHEN 2 THEN d.end_2 ELSE d.end_3 END AS is_last
    FROM dropped AS d
    INNER JOIN aim AS a ON CASE a.kind WHEN 1 THEN d.missed_1 WHEN 2 THEN d.missed_2 ELSE d.missed_3 END = 1
),
fresh AS (
    SELECT
        days, person % CAST($parts AS BIGINT) AS part, sold, opens, tenant_id, value, before, channel, campaign, is_first, is_last,
        new_channel, new_message, count(*) OVER along AS size, sum(new_channel) OVER along AS channels,
        sum(new_message) OVER along AS messages,
        power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (3 * 86400000.0)) AS fresh_3,
        power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (7 * 86400000.0)) AS fresh_7,
        power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (14 * 86400000.0)) AS fresh_14,
        sum(power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (3 * 86400000.0))) OVER along AS sum_3,
        sum(power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (7 * 86400000.0))) OVER along AS sum_7,
        sum(power(CAST(0.5 AS DOUBLE), (moment - touch_at) / (14 * 86400000.0))) OVER along AS sum_14
    FROM won
    WHERE is_first * is_last = 0
    WINDOW along AS (PARTITION BY days, sold, person, moment, id)
),
weighed AS (
    SELECT
        days, part, sold, opens, tenant_id, value, before, channel, campaign, is_first, is_last,
        CAST(1 AS DOUBLE) / size AS linear, fresh_3 / sum_3 AS decay_3, fresh_7 / sum_7 AS decay_7, fresh_14 / sum_14 AS decay_14,
        CASE
            WHEN size = 2 THEN CAST(0.5 AS DOUBLE) WHEN is_first + is_last > 0 THEN CAST(0.4 AS DOUBLE)
            ELSE CAST(0.2 AS DOUBLE) / (size - 2)
        END AS place,
        CAST(new_channel AS DOUBLE) / channels AS by_channel, CAST(new_message AS DOUBLE) / messages AS by_message
    FROM fresh
),
tally AS (
    SELECT
        days, part, sold, opens, tenant_id, before, channel, campaign, count(*) AS steps,
        sum(is_first) AS first_n, sum(is_first * value) AS first_v, sum(is_last) AS last_n, sum(is_last * value) AS last_v,
        sum(linear) AS linear_n, sum(linear * value) AS linear_v, sum(decay_3) AS decay_3_n, sum(decay_3 * value) AS decay_3_v,
        sum(decay_7) AS decay_7_n, sum(decay_7 * value) AS decay_7_v, sum(decay_14) AS decay_14_n,
        sum(decay_14 * value) AS decay_14_v, sum(place) AS position_n, sum(place * value) AS position_v,
        sum(by_channel) AS channel_n, sum(by_channel * value) AS channel_v,
        sum(by_message) AS message_n, sum(by_message * value) AS message_v
    FROM weighed
    GROUP BY days, part, sold, opens, tenant_id, before, channel, campaign
),
alone AS (
    SELECT
        days, person % CAST($parts AS BIGINT) AS part, sold, opens, tenant_id, channel, campaign, count(*) AS n, sum(value) AS v
    FROM won
    WHERE is_first * is_last = 1
    GROUP BY days, person % CAST($parts AS BIGINT), sold, opens, tenant_id, channel, campaign
),
earned AS (
    SELECT * FROM tally
    UNION ALL
    SELECT
        days, part, sold, opens, tenant_id, '' AS before, channel, campaign, n AS steps,
        n AS first_n, v AS first_v, n AS last_n, v AS last_v, n AS linear_n, v AS linear_v, n AS decay_3_n, v AS decay_3_v,
        n AS decay_7_n, v AS decay_7_v, n AS decay_14_n, v AS decay_14_v, n AS position_n, v AS position_v,
        n AS channel_n, v AS channel_v, n AS message_n, v AS message_v
    FROM alone
),
entry AS (
    SELECT e.*, a.conversion AS conversion, 0 AS steps_lost, 0 AS ends_lost
    FROM earned AS e
    INNER JOIN aim AS a ON (a.kind = 3 AND e.sold = 0) OR (a.kind = 1 AND e.sold = 1) OR (a.kind = 2 AND e.opens = 1)
    UNION ALL
    SELECT
        days, part, 0 AS sold, 0 AS opens, NULL AS tenant_id, came AS before, channel, campaign, 0 AS steps, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, conversion, n AS steps_lost, n * is_last AS ends_lost
    FROM lost
)
SELECT
    l.days AS lookback_days, l.part AS part, l.conversion AS conversion, l.before AS before, l.channel AS channel,
    l.campaign AS campaign, coalesce(t.code, '') AS tenant,
    CAST(sum(l.steps) AS BIGINT) AS steps_won, CAST(sum(l.steps_lost) AS BIGINT) AS steps_lost,
    CAST(sum(l.ends_lost) AS BIGINT) AS ends_lost,
    CAST(sum(l.first_n) AS DOUBLE) AS first_n, CAST(sum(l.first_v) AS DOUBLE) AS first_v,
    CAST(sum(l.last_n) AS DOUBLE) AS last_n, CAST(sum(l.last_v) AS DOUBLE) AS last_v,
    sum(l.linear_n) AS linear_n, sum(l.linear_v) AS linear_v, sum(l.decay_3_n) AS decay_3_n, sum(l.decay_3_v) AS decay_3_v,
    sum(l.decay_7_n) AS decay_7_n, sum(l.decay_7_v) AS decay_7_v, sum(l.decay_14_n) AS decay_14_n,
    sum(l.decay_14_v) AS decay_14_v, sum(l.position_n) AS position_n, sum(l.position_v) AS position_v,
    sum(l.channel_n) AS channel_n, sum(l.channel_v) AS channel_v, sum(l.message_n) AS message_n, sum(l.message_v) AS message_v
FROM entry AS l
LEFT JOIN tenant AS t ON t.id = l.tenant_id
GROUP BY l.days, l.part, l.conversion, l.before, l.channel, l.campaign, coalesce(t.code, '')
ORDER BY lookback_days, part, conversion, before, channel, campaign, tenant
