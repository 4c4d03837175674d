-- Conversions of known people in the $window_days days up to $at: each receipt with a positive amount ('purchase'), each
-- person's first one ('first'), each day with a check-in ('visit'); how many, by how many people, and their money.
WITH bought AS (
    SELECT
        o.person_id AS person_id, CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END AS moment, s.net_minor AS net_minor,
        row_number() OVER (
            PARTITION BY o.person_id ORDER BY CASE WHEN s.minute < 0 THEN s.at + 86399999 ELSE s.at END, s.id
        ) AS place
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor > 0 AND s.at <= $at
),
conversion AS (
    SELECT 'purchase' AS conversion, person_id, moment, net_minor AS value_minor FROM bought
    UNION ALL
    SELECT 'first' AS conversion, person_id, moment, net_minor AS value_minor FROM bought WHERE place = 1
    UNION ALL
    SELECT 'visit' AS conversion, o.person_id AS person_id, min(a.at) AS moment, 0 AS value_minor
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND a.at <= $at
    GROUP BY o.person_id, a.day
)
SELECT
    conversion, CAST(count(*) AS BIGINT) AS conversions, CAST(count(DISTINCT person_id) AS BIGINT) AS people,
    CAST(sum(value_minor) AS BIGINT) AS value_minor
FROM conversion
WHERE moment > $at - CAST($window_days AS BIGINT) * 86400000
GROUP BY conversion
ORDER BY conversion
