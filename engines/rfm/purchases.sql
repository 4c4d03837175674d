-- Each person's purchases up to the instant $at on the business day $day: days with a purchase, and what they paid in all. A
-- return lowers what was paid and is no purchase; receipts of identifiers that belong to nobody are left out.
SELECT
    o.person_id AS person_id,
    min(CASE WHEN s.net_minor >= 0 THEN s.day END) AS first_day,
    max(CASE WHEN s.net_minor >= 0 THEN s.day END) AS last_day,
    count(DISTINCT CASE WHEN s.net_minor >= 0 THEN s.day END) AS frequency,
    CAST(sum(s.net_minor) AS BIGINT) AS monetary_minor
FROM sale AS s
INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
GROUP BY o.person_id
HAVING count(DISTINCT CASE WHEN s.net_minor >= 0 THEN s.day END) > 0
ORDER BY o.person_id
