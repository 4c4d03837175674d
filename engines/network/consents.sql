-- People who allow profiling at the instant $at: the newest decision of each of their signs counts, and where signs differ the
-- strictest does. A grant that has ended is none.
WITH ordered AS (
    SELECT
        c.identifier_id AS identifier_id, c.decision AS decision, c.expires_at AS expires_at,
        row_number() OVER (PARTITION BY c.identifier_id, c.channel ORDER BY c.at DESC, c.id DESC) AS place
    FROM consent_decision AS c
    WHERE c.purpose = 'profiling' AND c.at <= $at
)
SELECT o.person_id AS person_id
FROM ordered AS d
INNER JOIN identifier_owner AS o ON o.identifier_id = d.identifier_id
WHERE d.place = 1
GROUP BY o.person_id
HAVING min(CASE WHEN d.decision = 'grant' AND (d.expires_at IS NULL OR d.expires_at > $at) THEN 1 ELSE 0 END) = 1
ORDER BY o.person_id
