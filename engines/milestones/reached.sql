-- The day on which each person reached each milestone, up to $day: the first purchase, the tenth day there, the hundredth receipt,
-- and a year of membership.
WITH bought AS (
    SELECT o.person_id AS person_id, s.day AS day, s.at AS at, s.id AS id
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
),
there AS (
    SELECT person_id, day FROM bought
    UNION
    SELECT o.person_id AS person_id, a.day AS day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND (a.day < $day OR (a.day = $day AND a.at <= $at))
),
receipts AS (
    SELECT b.person_id AS person_id, b.day AS day, row_number() OVER (PARTITION BY b.person_id ORDER BY b.day, b.at, b.id) AS place
    FROM bought AS b
),
visits AS (
    SELECT person_id, day, row_number() OVER (PARTITION BY person_id ORDER BY day) AS place FROM there
),
joined AS (
    SELECT person_id, min(joined_day) AS day FROM member WHERE state = 'active' GROUP BY person_id
)
SELECT person_id, kind, day
FROM (
    SELECT person_id, 'first_purchase' AS kind, day FROM receipts WHERE place = 1
    UNION ALL
    SELECT person_id, 'receipt_100' AS kind, day FROM receipts WHERE place = 100
    UNION ALL
    SELECT person_id, 'visit_10' AS kind, day FROM visits WHERE place = 10
    UNION ALL
    SELECT
        person_id, 'member_year' AS kind, CAST(CAST(CAST(day AS DATE) + INTERVAL '1' YEAR AS DATE) AS VARCHAR) AS day
    FROM joined
    WHERE CAST(CAST(day AS DATE) + INTERVAL '1' YEAR AS DATE) <= CAST($day AS DATE)
) AS reached
ORDER BY person_id, kind
