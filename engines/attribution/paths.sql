-- How touch paths (see touches.sql) read: their channels in order (the newest six), how many converted, how many days after the
-- first touch, and how many did not (days -1).
trail AS (
    SELECT
        number, channel AS c1, lag(channel, 1) OVER back AS c2, lag(channel, 2) OVER back AS c3, lag(channel, 3) OVER back AS c4,
        lag(channel, 4) OVER back AS c5, lag(channel, 5) OVER back AS c6
    FROM touch
    WINDOW back AS (PARTITION BY person ORDER BY number)
),
ended AS (
    SELECT
        days, sold, max(opens) AS opens, max(value) AS value, max(number) AS number, max(number) - min(number) AS further,
        max(moment - touch_at) AS age
    FROM won
    WHERE is_first * is_last = 0
    GROUP BY days, sold, person, moment, id
    UNION ALL
    SELECT days, sold, opens, value, number, 0 AS further, moment - touch_at AS age
    FROM won
    WHERE is_first * is_last = 1
),
run AS (
    SELECT
        c.days AS days, a.conversion AS conversion, c.person AS person, c.number AS number,
        CASE a.kind WHEN 1 THEN c.on_1 WHEN 2 THEN c.on_2 ELSE c.on_3 END AS goes_on,
        CASE a.kind WHEN 1 THEN c.end_1 WHEN 2 THEN c.end_2 ELSE c.end_3 END AS ends
    FROM chained AS c
    INNER JOIN aim AS a ON CASE a.kind WHEN 1 THEN c.missed_1 WHEN 2 THEN c.missed_2 ELSE c.missed_3 END = 1
),
longer AS (
    SELECT
        days, conversion, number, ends,
        number - max(CASE WHEN goes_on = 0 THEN number END) OVER (
            PARTITION BY days, conversion, person ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS further
    FROM run
    WHERE goes_on = 1 OR ends = 0
),
told AS (
    SELECT
        e.days AS days, a.conversion AS conversion, e.number AS number, e.further AS further, e.value AS value, 1 AS won,
        CAST(floor(e.age / 86400000.0) AS BIGINT) AS age
    FROM ended AS e
    INNER JOIN aim AS a ON (a.kind = 3 AND e.sold = 0) OR (a.kind = 1 AND e.sold = 1) OR (a.kind = 2 AND e.opens = 1)
    UNION ALL
    SELECT days, conversion, number, 0 AS further, 0 AS value, 0 AS won, -1 AS age FROM run WHERE goes_on = 0 AND ends = 1
    UNION ALL
    SELECT days, conversion, number, further, 0 AS value, 0 AS won, -1 AS age FROM longer WHERE ends = 1
),
counted AS (
    SELECT
        s.days AS days, s.conversion AS conversion, s.age AS age, CASE WHEN s.further > 6 THEN 6 ELSE s.further END AS further,
        t.c1 AS c1, CASE WHEN s.further > 0 THEN t.c2 END AS c2, CASE WHEN s.further > 1 THEN t.c3 END AS c3,
        CASE WHEN s.further > 2 THEN t.c4 END AS c4, CASE WHEN s.further > 3 THEN t.c5 END AS c5,
        CASE WHEN s.further > 4 THEN t.c6 END AS c6, sum(s.won) AS conversions, sum(1 - s.won) AS lost, sum(s.value) AS value_minor
    FROM told AS s
    INNER JOIN trail AS t ON t.number = s.number
    GROUP BY
        s.days, s.conversion, s.age, CASE WHEN s.further > 6 THEN 6 ELSE s.further END, t.c1,
        CASE WHEN s.further > 0 THEN t.c2 END, CASE WHEN s.further > 1 THEN t.c3 END, CASE WHEN s.further > 2 THEN t.c4 END,
        CASE WHEN s.further > 3 THEN t.c5 END, CASE WHEN s.further > 4 THEN t.c6 END
)
SELECT
    days AS lookback_days, conversion,
    CASE WHEN further > 5 THEN '… > ' ELSE '' END || coalesce(c6 || ' > ', '') || coalesce(c5 || ' > ', '')
    || coalesce(c4 || ' > ', '') || coalesce(c3 || ' > ', '') || coalesce(c2 || ' > ', '') || c1 AS path,
    age AS days, CAST(conversions AS BIGINT) AS conversions, CAST(lost AS BIGINT) AS lost, CAST(value_minor AS BIGINT) AS value_minor
FROM counted
ORDER BY lookback_days, conversion, path, days
