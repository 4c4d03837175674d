-- Touch paths of the $window_days days up to $at for three look-backs ($days_1 < $days_2 < $days_3): what credits.sql and paths.sql
-- go on from. A conversion's path is every touch of its person in the look-back before it; touches that no conversion followed in as
-- many days are a lost path, and touches too young to tell are left out. A message is one touch a day, whether sent, opened or clicked.
-- A path is a run of its person's touches without a gap, so that the touch before and after tell where it begins and ends, and no path
-- has to be sorted: each touch is looked at once, whatever the number of conversions and look-backs.
-- People go by number here: joins and sorts by a number cost a third of those by an id.
WITH owner AS (
    SELECT identifier_id, CAST(dense_rank() OVER (ORDER BY person_id) AS BIGINT) AS person FROM identifier_owner
),
span AS (
    SELECT CAST($days_1 AS BIGINT) AS days, CAST($days_1 AS BIGINT) * 86400000 AS width
    UNION ALL
    SELECT CAST($days_2 AS BIGINT) AS days, CAST($days_2 AS BIGINT) * 86400000 AS width
    UNION ALL
    SELECT CAST($days_3 AS BIGINT) AS days, CAST($days_3 AS BIGINT) * 86400000 AS width
),
-- A day longer than anything can reach, so that a day's first touch is found.
seen AS (
    SELECT
        o.person AS person, a.day AS day,
        CASE
            WHEN c.id IS NOT NULL THEN c.channel WHEN a.kind = 'page_view' THEN 'web' WHEN a.kind = 'app_open' THEN 'app_visit'
            ELSE a.kind
        END AS channel,
        coalesce(c.code, '') AS campaign, min(a.at) AS moment
    FROM activity AS a
    INNER JOIN owner AS o ON o.identifier_id = a.identifier_id
    LEFT JOIN campaign AS c
        ON c.id = a.campaign_id AND a.kind IN ('campaign_sent', 'campaign_delivered', 'campaign_opened', 'campaign_clicked')
    WHERE
        a.at <= $at AND a.at > $at - (CAST($window_days AS BIGINT) + CAST($days_3 AS BIGINT) + 2) * 86400000
        AND (
            a.kind IN ('page_view', 'app_open', 'referral', 'coupon_issued', 'call', 'social')
            OR (a.kind IN ('campaign_sent', 'campaign_delivered', 'campaign_opened', 'campaign_clicked') AND c.id IS NOT NULL)
        )
    GROUP BY
        o.person, a.day, coalesce(c.code, ''),
        CASE
            WHEN c.id IS NOT NULL THEN c.channel WHEN a.kind = 'page_view' THEN 'web' WHEN a.kind = 'app_open' THEN 'app_visit'
            ELSE a.kind
        END
),
-- `number` grows within a person without a gap; channel_at and message_at are when the same was last seen before.
touch AS (
    SELECT
        person, moment, channel, campaign,
        person * 1048576 + row_number() OVER (PARTITION BY person ORDER BY moment, channel, campaign) AS number,
        lag(moment) OVER (PARTITION BY person ORDER BY moment, channel, campaign) AS before_at,
        lag(channel || '|' || campaign) OVER (PARTITION BY person ORDER BY moment, channel, campaign) AS before,
        lead(moment) OVER (PARTITION BY person ORDER BY moment, channel, campaign) AS after_at,
        lag(moment) OVER (PARTITION BY person, channel ORDER BY moment, campaign) AS channel_at,
        lag(moment) OVER (PARTITION BY person, channel, campaign ORDER BY moment) AS message_at
    FROM seen
),
buy AS (
    SELECT
        o.person AS person, CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END AS moment, s.id AS id,
        s.tenant_id AS tenant_id, s.net_minor AS value
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor > 0 AND s.at <= $at AND s.at > $at - (CAST($window_days AS BIGINT) + 1) * 86400000
),
come AS (
    SELECT o.person AS person, min(a.at) AS moment
    FROM activity AS a
    INNER JOIN owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND a.at <= $at AND a.at > $at - (CAST($window_days AS BIGINT) + 2) * 86400000
    GROUP BY o.person, a.day
),
reached AS (
    SELECT 1 AS sold, person, moment, id, tenant_id, value FROM buy
    UNION ALL
    SELECT 0 AS sold, person, moment, NULL AS id, NULL AS tenant_id, 0 AS value FROM come
),
pair AS (
    SELECT
        r.sold AS sold, r.person AS person, r.moment AS moment, r.id AS id, r.tenant_id AS tenant_id, r.value AS value,
        t.number AS number, t.moment AS touch_at, t.before_at AS before_at, t.after_at AS after_at, t.channel_at AS channel_at,
        t.message_at AS message_at, t.before AS before, t.channel AS channel, t.campaign AS campaign
    FROM reached AS r
    INNER JOIN touch AS t
        ON
            t.person = r.person AND t.moment <= r.moment
            AND t.moment > r.moment - CAST($days_3 AS BIGINT) * 86400000
    WHERE r.moment > $at - CAST($window_days AS BIGINT) * 86400000
),
opening AS (
    SELECT o.person AS person, min(CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END) AS moment
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor > 0 AND s.at <= $at
    GROUP BY o.person
),
-- Of receipts of one instant the first by id is the person's first.
debut AS (
    SELECT p.id AS id, row_number() OVER (PARTITION BY p.person ORDER BY p.id) AS place
    FROM (SELECT DISTINCT person, moment, id FROM pair WHERE sold = 1) AS p
    INNER JOIN opening AS f ON f.person = p.person AND f.moment = p.moment
),
won AS (
    SELECT
        s.days AS days, p.sold AS sold, p.person AS person, p.moment AS moment, p.id AS id, p.tenant_id AS tenant_id,
        p.value AS value, p.number AS number, p.touch_at AS touch_at, p.channel AS channel, p.campaign AS campaign,
        CASE WHEN p.before_at > p.moment - s.width THEN p.before ELSE '' END AS before,
        CASE WHEN p.before_at > p.moment - s.width THEN 0 ELSE 1 END AS is_first,
        CASE WHEN p.after_at <= p.moment THEN 0 ELSE 1 END AS is_last,
        CASE WHEN p.channel_at > p.moment - s.width THEN 0 ELSE 1 END AS new_channel,
        CASE WHEN p.message_at > p.moment - s.width THEN 0 ELSE 1 END AS new_message,
        CASE WHEN f.id IS NOT NULL THEN 1 ELSE 0 END AS opens
    FROM pair AS p
    INNER JOIN span AS s ON p.touch_at > p.moment - s.width
    LEFT JOIN debut AS f ON f.id = p.id AND f.place = 1
),
aim AS (
    SELECT 'purchase' AS conversion, 1 AS kind WHERE EXISTS (SELECT 1 FROM sale AS s WHERE s.at <= $at)
    UNION ALL
    SELECT 'first' AS conversion, 2 AS kind WHERE EXISTS (SELECT 1 FROM sale AS s WHERE s.at <= $at)
    UNION ALL
    SELECT 'visit' AS conversion, 3 AS kind WHERE EXISTS (SELECT 1 FROM activity AS a WHERE a.kind = 'visit' AND a.at <= $at)
),
answered AS (
    SELECT days, number, max(sold) AS sold, max(opens) AS opens, max(1 - sold) AS came
    FROM won
    GROUP BY days, number
),
-- Touches old enough to tell, and for each kind of conversion (1 purchase, 2 first, 3 visit) whether none followed. Of two
-- touches within a look-back of each other of which the later led to nothing, the earlier one led to nothing after it either.
old AS (
    SELECT
        s.days AS days, t.person AS person, t.number AS number, t.moment AS moment, t.channel AS channel, t.campaign AS campaign,
        t.before AS before, CASE WHEN t.before_at >= t.moment - s.width THEN 1 ELSE 0 END AS follows,
        CASE WHEN t.after_at <= t.moment + s.width AND t.after_at <= $at - s.width THEN 1 ELSE 0 END AS goes_on,
        CASE WHEN coalesce(w.sold, 0) = 0 THEN 1 ELSE 0 END AS missed_1,
        CASE WHEN coalesce(w.opens, 0) = 0 AND (f.moment IS NULL OR f.moment >= t.moment) THEN 1 ELSE 0 END AS missed_2,
        CASE WHEN coalesce(w.came, 0) = 0 THEN 1 ELSE 0 END AS missed_3
    FROM touch AS t
    CROSS JOIN span AS s
    LEFT JOIN answered AS w ON w.number = t.number AND w.days = s.days
    LEFT JOIN opening AS f ON f.person = t.person
    WHERE
        t.moment <= $at - s.width AND t.moment > $at - CAST($window_days AS BIGINT) * 86400000
),
chained AS (
    SELECT
        days, person, number, channel, campaign, before, missed_1, missed_2, missed_3,
        follows * coalesce(lag(missed_1) OVER along, 0) AS on_1, follows * coalesce(lag(missed_2) OVER along, 0) AS on_2,
        follows * coalesce(lag(missed_3) OVER along, 0) AS on_3,
        1 - goes_on * coalesce(lead(missed_1) OVER along, 0) AS end_1,
        1 - goes_on * coalesce(lead(missed_2) OVER along, 0) AS end_2,
        1 - goes_on * coalesce(lead(missed_3) OVER along, 0) AS end_3
    FROM old
    WINDOW along AS (PARTITION BY days, person ORDER BY number)
)
