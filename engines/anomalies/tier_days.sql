-- How many members of each tier bought on each of the $horizon business days before $day. A member counts in the tier they have
-- now; members without a tier stand together under an empty name.
WITH tiers AS (
    SELECT person_id, min(coalesce(tier, '')) AS tier
    FROM member
    GROUP BY person_id
)
SELECT t.tier AS tier, s.day AS day, CAST(count(DISTINCT t.person_id) AS BIGINT) AS buyers
FROM sale AS s
INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
INNER JOIN tiers AS t ON t.person_id = o.person_id
WHERE s.net_minor >= 0 AND s.day < $day AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) <= $horizon
GROUP BY t.tier, s.day
ORDER BY tier, day
