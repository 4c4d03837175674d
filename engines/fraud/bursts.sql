-- Days on which a card made at least $least receipts within $minutes minutes of the last one, in the $horizon days that end with $day. `usual` is
-- the most that the same card did on any other day; `days_2` and `days_3` count the mall's card-days with at least two and at least
-- three, from which the light half tells how many larger bursts chance would give.
WITH slips AS (
    SELECT
        coalesce(o.person_id, s.identifier_id) AS holder_id, s.day AS day, s.minute AS minute, s.net_minor AS net_minor,
        s.tenant_id AS tenant_id
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.identifier_id IS NOT NULL AND s.net_minor > 0 AND s.minute >= 0 AND s.txns = 1
        AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
rolling AS (
    SELECT
        holder_id, day, minute,
        count(*) OVER (
            PARTITION BY holder_id, day ORDER BY minute RANGE BETWEEN $minutes PRECEDING AND CURRENT ROW
        ) AS receipts
    FROM slips
),
days AS (
    SELECT holder_id, day, max(receipts) AS most
    FROM rolling
    GROUP BY holder_id, day
),
ordered AS (
    SELECT
        holder_id, day, most, row_number() OVER (PARTITION BY holder_id ORDER BY most DESC, day) AS place,
        max(most) OVER (PARTITION BY holder_id ORDER BY most DESC, day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS below
    FROM days
),
levels AS (
    SELECT
        count(*) AS card_days, sum(CASE WHEN most >= 2 THEN 1 ELSE 0 END) AS days_2,
        sum(CASE WHEN most >= 3 THEN 1 ELSE 0 END) AS days_3
    FROM days
),
spent AS (
    SELECT
        holder_id, day, sum(net_minor) AS net_minor, count(DISTINCT tenant_id) AS tenants, min(minute) AS first_minute,
        max(minute) AS last_minute
    FROM slips
    GROUP BY holder_id, day
),
tops AS (
    SELECT holder_id, max(most) AS highest
    FROM days
    GROUP BY holder_id
)
SELECT
    d.holder_id AS holder_id, d.day AS day, CAST(d.most AS BIGINT) AS most,
    CAST(CASE WHEN d.place = 1 THEN coalesce(d.below, 0) ELSE t.highest END AS BIGINT) AS usual,
    CAST(s.net_minor AS BIGINT) AS net_minor, CAST(s.tenants AS BIGINT) AS tenants, CAST(s.first_minute AS BIGINT) AS first_minute,
    CAST(s.last_minute AS BIGINT) AS last_minute, CAST(l.card_days AS BIGINT) AS card_days, CAST(l.days_2 AS BIGINT) AS days_2,
    CAST(l.days_3 AS BIGINT) AS days_3
FROM ordered AS d
INNER JOIN spent AS s ON s.holder_id = d.holder_id AND s.day = d.day
INNER JOIN tops AS t ON t.holder_id = d.holder_id
CROSS JOIN levels AS l
WHERE d.most >= $least
ORDER BY d.holder_id, d.day
