-- How many pairs of a tenant and an amount have how many receipts with a card (`carded`) and in all (`receipts`), in the $horizon
-- days that end with $day; and how likely two receipts of those days share the minute of the day, from the mall's own hours
-- (`same_minute`), and the day (`same_day`). With these the number of coincidences that chance alone gives can be worked out.
WITH slips AS (
    SELECT s.tenant_id AS tenant_id, s.net_minor AS net_minor, s.identifier_id AS identifier_id, s.day AS day, s.minute AS minute
    FROM sale AS s
    WHERE s.net_minor > 0 AND s.minute >= 0 AND s.txns = 1 AND s.tenant_id IS NOT NULL
        AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
whole AS (
    SELECT CAST(count(*) AS DOUBLE) AS receipts
    FROM slips
),
by_minute AS (
    SELECT minute, CAST(count(*) AS DOUBLE) AS receipts
    FROM slips
    GROUP BY minute
),
by_day AS (
    SELECT day, CAST(count(*) AS DOUBLE) AS receipts
    FROM slips
    GROUP BY day
),
minutes AS (
    SELECT sum(m.receipts * m.receipts / (w.receipts * w.receipts)) AS same_minute
    FROM by_minute AS m
    CROSS JOIN whole AS w
),
days AS (
    SELECT sum(d.receipts * d.receipts / (w.receipts * w.receipts)) AS same_day
    FROM by_day AS d
    CROSS JOIN whole AS w
),
combined AS (
    SELECT
        tenant_id, net_minor, sum(CASE WHEN identifier_id IS NOT NULL THEN 1 ELSE 0 END) AS carded, count(*) AS receipts
    FROM slips
    GROUP BY tenant_id, net_minor
    HAVING count(*) > 1
)
SELECT
    CAST(c.carded AS BIGINT) AS carded, CAST(c.receipts AS BIGINT) AS receipts, CAST(count(*) AS BIGINT) AS combinations,
    CAST(m.same_minute AS DOUBLE) AS same_minute, CAST(d.same_day AS DOUBLE) AS same_day
FROM combined AS c
CROSS JOIN minutes AS m
CROSS JOIN days AS d
GROUP BY c.carded, c.receipts, m.same_minute, d.same_day
ORDER BY carded, receipts
