-- The tier of each active member's person as it stands; of several cards the one joined first.
SELECT person_id, tier
FROM (
    SELECT person_id, tier, row_number() OVER (PARTITION BY person_id ORDER BY joined_day, id) AS place
    FROM member
    WHERE state = 'active' AND tier IS NOT NULL AND joined_day <= $day
) AS cards
WHERE place = 1
ORDER BY person_id
