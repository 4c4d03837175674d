-- Each person with each tenant they bought at, up to the instant $at on the business day $day: the purchases' recency weight (a
-- purchase counts half after $half_life days) as of $day, of $window days before and of two windows before, and in which of the
-- last three windows they bought (the sum of 1 for the last, 2 for the one before, 4 for the one before that). Returns are no
-- purchases.
WITH bought AS (
    SELECT
        o.person_id AS person_id, s.tenant_id AS tenant_id,
        date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND s.tenant_id IS NOT NULL AND (s.day < $day OR (s.day = $day AND s.at <= $at))
)
SELECT
    person_id,
    tenant_id,
    CAST(sum(power(CAST(0.5 AS DOUBLE), CAST(age AS DOUBLE) / $half_life)) AS DOUBLE) AS weight,
    CAST(sum(CASE WHEN age >= $window THEN power(CAST(0.5 AS DOUBLE), CAST(age - $window AS DOUBLE) / $half_life)
        ELSE 0.0 END) AS DOUBLE) AS weight_before,
    CAST(sum(CASE WHEN age >= 2 * $window THEN power(CAST(0.5 AS DOUBLE), CAST(age - 2 * $window AS DOUBLE) / $half_life)
        ELSE 0.0 END) AS DOUBLE) AS weight_earlier,
    CAST(max(CASE WHEN age < $window THEN 1 ELSE 0 END)
        + 2 * max(CASE WHEN age >= $window AND age < 2 * $window THEN 1 ELSE 0 END)
        + 4 * max(CASE WHEN age >= 2 * $window AND age < 3 * $window THEN 1 ELSE 0 END) AS BIGINT) AS bought
FROM bought
GROUP BY person_id, tenant_id
ORDER BY person_id, tenant_id
