-- Every row and column of engines/attribution/credits.sql, as an expert would write it for DuckDB alone: named windows, lists, FILTER,
-- GROUP BY ALL, COLUMNS, and the same insight that a path is an unbroken run of its person's touches.
WITH o AS (SELECT identifier_id, dense_rank() OVER (ORDER BY person_id) AS p FROM identifier_owner),
span AS (SELECT unnest([7, 30, 90]) AS days, days * 86400000::BIGINT AS w),
aim AS (
    SELECT unnest(['purchase', 'first']) AS conversion WHERE EXISTS (FROM sale s WHERE s.at <= $at)
    UNION ALL SELECT 'visit' WHERE EXISTS (FROM activity a WHERE kind = 'visit' AND a.at <= $at)
),
seen AS (
    SELECT p, a.day, coalesce(c.channel, CASE kind WHEN 'page_view' THEN 'web' WHEN 'app_open' THEN 'app_visit' ELSE kind END) AS channel,
        coalesce(c.code, '') AS campaign, min(a.at) AS t
    FROM activity a JOIN o USING (identifier_id) LEFT JOIN campaign c ON c.id = a.campaign_id
        AND kind IN ('campaign_sent', 'campaign_delivered', 'campaign_opened', 'campaign_clicked')
    WHERE a.at <= $at AND a.at > $at - 457 * 86400000::BIGINT
        AND (c.id NOT NULL OR kind IN ('page_view', 'app_open', 'referral', 'coupon_issued', 'call', 'social'))
    GROUP BY ALL
),
touch AS (
    SELECT p, t, channel, campaign, channel || '|' || campaign AS message, row_number() OVER mine AS k, lag(t) OVER mine AS t_before,
        lag(channel || '|' || campaign) OVER mine AS before, lead(t) OVER mine AS t_after,
        lag(t) OVER (PARTITION BY p, channel ORDER BY t, campaign) AS t_channel,
        lag(t) OVER (PARTITION BY p, channel, campaign ORDER BY t) AS t_message
    FROM seen WINDOW mine AS (PARTITION BY p ORDER BY t, channel, campaign)
),
debut AS (
    SELECT p, min(s.at + if(minute < 0, 86399999, 0)) AS t FROM sale s JOIN o USING (identifier_id)
    WHERE net_minor > 0 AND s.at <= $at GROUP BY p
),
reached AS (
    SELECT true AS sold, p, s.at + if(minute < 0, 86399999, 0) AS v, id, tenant_id, net_minor
    FROM sale s JOIN o USING (identifier_id) WHERE net_minor > 0 AND s.at <= $at AND v > $at - 365 * 86400000::BIGINT
    UNION ALL
    SELECT false, p, min(a.at), NULL, NULL, 0 FROM activity a JOIN o USING (identifier_id)
    WHERE kind = 'visit' AND a.at <= $at AND a.at > $at - 367 * 86400000::BIGINT GROUP BY p, day
),
pair AS (
    SELECT r.*, touch.* EXCLUDE (p) FROM reached r JOIN touch ON touch.p = r.p AND t <= v AND t > v - 90 * 86400000::BIGINT
    WHERE v > $at - 365 * 86400000::BIGINT
),
opener AS (SELECT p, min(id) AS id FROM pair JOIN debut d USING (p) WHERE sold AND v = d.t GROUP BY p),
won AS (
    SELECT pair.*, days, f.id NOT NULL AS opens, if(t_before > v - w, before, '') AS came,
        coalesce(t_before, 0) <= v - w AS head, coalesce(t_after > v, true) AS tail,
        coalesce(t_channel, 0) <= v - w AS new_channel, coalesce(t_message, 0) <= v - w AS new_message
    FROM pair JOIN span ON t > v - w LEFT JOIN opener f ON f.id = pair.id
),
multi AS (
    SELECT days, p % 40 AS part, sold, opens, tenant_id, came, channel, campaign, head, tail, net_minor AS m,
        count(*) OVER path AS n, 1 / n AS linear,
        pow(0.5, (v - t) / 259200000) AS f3, pow(0.5, (v - t) / 604800000) AS f7, pow(0.5, (v - t) / 1209600000) AS f14,
        f3 / sum(f3) OVER path AS d3, f7 / sum(f7) OVER path AS d7, f14 / sum(f14) OVER path AS d14,
        CASE WHEN n = 2 THEN 0.5 WHEN head OR tail THEN 0.4 ELSE 0.2::DOUBLE / (n - 2) END AS pos,
        new_channel::INT / sum(new_channel::INT) OVER path AS ch, new_message::INT / sum(new_message::INT) OVER path AS msg
    FROM won WHERE NOT (head AND tail) WINDOW path AS (PARTITION BY days, sold, p, v, id)
),
tally AS (
    SELECT days, part, sold, opens, tenant_id, came, channel, campaign, count(*) AS steps,
        count(*) FILTER (head) AS first_n, sum(m) FILTER (head) AS first_v, count(*) FILTER (tail) AS last_n, sum(m) FILTER (tail) AS last_v,
        sum(linear) AS linear_n, sum(linear * m) AS linear_v, sum(d3) AS decay_3_n, sum(d3 * m) AS decay_3_v,
        sum(d7) AS decay_7_n, sum(d7 * m) AS decay_7_v, sum(d14) AS decay_14_n, sum(d14 * m) AS decay_14_v,
        sum(pos) AS position_n, sum(pos * m) AS position_v, sum(ch) AS channel_n, sum(ch * m) AS channel_v,
        sum(msg) AS message_n, sum(msg * m) AS message_v
    FROM multi GROUP BY ALL
    UNION ALL
    SELECT days, p % 40, sold, opens, tenant_id, '', channel, campaign, count(*) AS n, n, sum(net_minor) AS m, n, m, n, m, n, m, n, m, n, m, n, m, n, m, n, m
    FROM won WHERE head AND tail GROUP BY days, p % 40, sold, opens, tenant_id, channel, campaign
),
answered AS (SELECT days, p, k, bool_or(sold) AS sold, bool_or(opens) AS opens, bool_or(NOT sold) AS came FROM won GROUP BY ALL),
old AS (
    SELECT days, touch.p, k, channel, campaign, before, coalesce(t_before >= touch.t - w, false) AS follows,
        coalesce(t_after <= touch.t + w, false) AS more,
        [NOT coalesce(a.sold, false), NOT coalesce(opens, false) AND coalesce(d.t >= touch.t, true), NOT coalesce(a.came, false)] AS missed
    FROM touch CROSS JOIN span LEFT JOIN answered a USING (days, p, k) LEFT JOIN debut d ON d.p = touch.p
    WHERE touch.t <= $at - w AND touch.t > $at - 365 * 86400000::BIGINT
),
dropped AS (
    SELECT days, p % 40 AS part, channel, campaign, before, follows, more, missed, lag(missed) OVER mine AS m_before,
        lead(missed) OVER mine AS m_after
    FROM old WINDOW mine AS (PARTITION BY days, p ORDER BY k)
),
lost AS (
    SELECT days, part, conversion, if(follows AND coalesce(m_before[i], false), before, '') AS came, channel, campaign, sum(n) AS steps_lost,
        sum(n) FILTER (NOT (more AND coalesce(m_after[i], false))) AS ends_lost
    FROM (SELECT *, count(*) AS n FROM dropped GROUP BY ALL)
    JOIN (SELECT conversion, list_position(['purchase', 'first', 'visit'], conversion) AS i FROM aim) ON missed[i]
    GROUP BY ALL
),
whole AS (
    SELECT conversion, tally.*, 0 AS steps_lost, 0 AS ends_lost FROM tally
    JOIN aim ON CASE conversion WHEN 'visit' THEN NOT sold WHEN 'first' THEN opens ELSE sold END
    UNION ALL BY NAME SELECT * FROM lost
)
SELECT days AS lookback_days, part, conversion, came AS before, channel, campaign, coalesce(code, '') AS tenant,
    coalesce(sum(steps), 0)::BIGINT AS steps_won, sum(steps_lost)::BIGINT AS steps_lost, coalesce(sum(ends_lost), 0)::BIGINT AS ends_lost,
    coalesce(sum(COLUMNS('_[nv]$')), 0)::DOUBLE AS "\0"
FROM whole LEFT JOIN (SELECT id AS tenant_id, code FROM tenant) USING (tenant_id)
GROUP BY ALL ORDER BY ALL
