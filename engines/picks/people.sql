-- Everyone who is in the store: tier and home area of a member, the trade category of the first purchase, and, up to the
-- instant $at, the strictest decision on profiling: 0 granted, 1 expired, 2 withdrawn, 3 refused, 9 none.
WITH said AS (
    SELECT
        o.person_id AS person_id, d.identifier_id AS identifier_id, d.at AS said_at,
        CASE d.decision WHEN 'grant' THEN CASE WHEN d.expires_at <= $at THEN 1 ELSE 0 END WHEN 'withdraw' THEN 2 ELSE 3 END
            AS strict
    FROM consent_decision AS d
    INNER JOIN identifier_owner AS o ON o.identifier_id = d.identifier_id
    WHERE d.purpose = 'profiling' AND d.at <= $at
),
ranked AS (
    SELECT
        person_id, strict,
        row_number() OVER (PARTITION BY person_id, identifier_id ORDER BY said_at DESC, strict DESC) AS place
    FROM said
),
profiling AS (
    SELECT person_id, max(strict) AS strict FROM ranked WHERE place = 1 GROUP BY person_id
),
started AS (
    SELECT
        o.person_id AS person_id, t.category_id AS category_id,
        row_number() OVER (PARTITION BY o.person_id ORDER BY s.day, s.at, s.id) AS place
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    INNER JOIN tenant AS t ON t.id = s.tenant_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
),
membership AS (
    SELECT
        person_id, tier, home_area, row_number() OVER (PARTITION BY person_id ORDER BY joined_day, id) AS place
    FROM member
)
SELECT
    p.id AS person_id,
    coalesce(m.tier, '') AS tier,
    coalesce(m.home_area, '') AS home_area,
    coalesce(c.code, '') AS first_category,
    CAST(coalesce(f.strict, 9) AS BIGINT) AS profiling
FROM person AS p
LEFT JOIN membership AS m ON m.person_id = p.id AND m.place = 1
LEFT JOIN started AS s ON s.person_id = p.id AND s.place = 1
LEFT JOIN category AS c ON c.id = s.category_id
LEFT JOIN profiling AS f ON f.person_id = p.id
WHERE p.state = 'active'
ORDER BY p.id
