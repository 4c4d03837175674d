-- Receipts by business day up to the instant $at on the business day $day: all of them, those of known people, and those of people who
-- had bought on an earlier day. A tenant's total for a day counts with its number of receipts.
WITH paid AS (
    SELECT s.day AS day, o.person_id AS person_id, sum(s.txns) AS n
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY s.day, o.person_id
),
dated AS (
    SELECT
        p.day AS day, p.person_id AS person_id, p.n AS n,
        CASE WHEN p.person_id IS NOT NULL THEN row_number() OVER (PARTITION BY p.person_id ORDER BY p.day) END AS k
    FROM paid AS p
)
SELECT
    d.day AS day, CAST(sum(d.n) AS BIGINT) AS receipts,
    CAST(sum(CASE WHEN d.person_id IS NOT NULL THEN d.n ELSE 0 END) AS BIGINT) AS members,
    CAST(sum(CASE WHEN d.k > 1 THEN d.n ELSE 0 END) AS BIGINT) AS again
FROM dated AS d
GROUP BY d.day
ORDER BY d.day
