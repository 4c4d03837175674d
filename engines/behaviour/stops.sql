-- Where known people were seen inside the mall in the 90 days up to $day, in order: check-ins and receipts with a time of day. Stops
-- with less than the visit's gap between them share a visit, numbered from 1 for each person.
WITH rule AS (
    SELECT CAST(coalesce(max(CASE WHEN name = 'behaviour.visit_gap' THEN value END), '180') AS BIGINT) * 60000 AS gap
    FROM setting
),
seen AS (
    SELECT
        o.person_id AS person_id, s.at AS at, s.day AS day, s.id AS id, coalesce(concat('shop:', c.code), 'shop:') AS place,
        s.tenant_id AS tenant_id, s.net_minor AS net_minor
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE s.minute >= 0 AND s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < 90
    UNION ALL
    SELECT o.person_id, a.at, a.day, a.id, concat('zone:', coalesce(a.zone_code, '')), NULL, NULL
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND a.minute >= 0 AND (a.day < $day OR (a.day = $day AND a.at <= $at))
        AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90
),
placed AS (
    SELECT
        s.*, row_number() OVER (PARTITION BY s.person_id ORDER BY s.at, s.place, s.id) AS stop,
        lag(s.at) OVER (PARTITION BY s.person_id ORDER BY s.at, s.place, s.id) AS before_at
    FROM seen AS s
)
SELECT
    p.person_id AS person_id, p.stop AS stop,
    CAST(sum(CASE WHEN p.before_at IS NULL OR p.at - p.before_at >= r.gap THEN 1 ELSE 0 END)
        OVER (PARTITION BY p.person_id ORDER BY p.stop) AS BIGINT) AS visit,
    p.at AS at, p.day AS day, p.place AS place, p.tenant_id AS tenant_id, p.net_minor AS net_minor
FROM placed AS p
CROSS JOIN rule AS r
ORDER BY p.person_id, p.stop
