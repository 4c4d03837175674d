-- Cards with two receipts within $minutes minutes on floors at least $levels apart, in the $horizon days that end with $day: how
-- often, out of how many pairs of receipts that the card has on a common day at two tenants. `all_pairs` and `all_distant` are the
-- mall's sums: one such pair is an accident of clocks or a card that a family shares, many are not.
WITH stands AS (
    SELECT l.tenant_id AS tenant_id, max(f.level) AS level
    FROM lease AS l
    INNER JOIN unit AS u ON u.id = l.unit_id
    INNER JOIN floor AS f ON f.id = u.floor_id
    WHERE l.from_day <= $day AND l.to_day >= $day
    GROUP BY l.tenant_id
    HAVING max(f.level) = min(f.level)
),
slips AS (
    SELECT
        s.id AS id, coalesce(o.person_id, s.identifier_id) AS holder_id, s.day AS day, s.minute AS minute,
        s.net_minor AS net_minor, t.level AS level
    FROM sale AS s
    INNER JOIN stands AS t ON t.tenant_id = s.tenant_id
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.identifier_id IS NOT NULL AND s.net_minor > 0 AND s.minute >= 0 AND s.txns = 1
        AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
pairs AS (
    SELECT
        a.holder_id AS holder_id, a.day AS day, a.net_minor + b.net_minor AS net_minor,
        CASE
            WHEN b.minute BETWEEN a.minute - $minutes AND a.minute + $minutes
                AND (b.level >= a.level + $levels OR b.level <= a.level - $levels) THEN 1 ELSE 0
        END AS distant
    FROM slips AS a
    INNER JOIN slips AS b ON b.holder_id = a.holder_id AND b.day = a.day AND b.id > a.id
),
cards AS (
    SELECT
        holder_id, count(*) AS pairs, sum(distant) AS distant, sum(CASE WHEN distant = 1 THEN net_minor ELSE 0 END) AS net_minor,
        min(CASE WHEN distant = 1 THEN day END) AS first_day, max(CASE WHEN distant = 1 THEN day END) AS last_day
    FROM pairs
    GROUP BY holder_id
),
whole AS (
    SELECT sum(pairs) AS pairs, sum(distant) AS distant, count(*) AS cards
    FROM cards
)
SELECT
    c.holder_id AS holder_id, CAST(c.pairs AS BIGINT) AS pairs, CAST(c.distant AS BIGINT) AS distant,
    CAST(c.net_minor AS BIGINT) AS net_minor, c.first_day AS first_day, c.last_day AS last_day,
    CAST(w.pairs AS BIGINT) AS all_pairs, CAST(w.distant AS BIGINT) AS all_distant, CAST(w.cards AS BIGINT) AS cards
FROM cards AS c
CROSS JOIN whole AS w
WHERE c.distant > 0
ORDER BY c.holder_id
