-- One row per gate and quarter hour before the business day $day: what counts where several rows exist.
-- The newest revision of each source stands; where two sources watched the same quarter, the one that
-- watched longer stands whole (both directions), and at equal length the source with the smaller id.
-- Staff are left out. Directions: in, out, and pass for people who crossed a front without entering.
WITH newest AS (
    SELECT
        gate_id, bucket_start, source_id, direction, day, minute, n - staff_n AS people, seconds_observed
    FROM count_bucket AS c
    WHERE day < $day AND NOT EXISTS (
        SELECT 1
        FROM count_bucket AS later
        WHERE
            later.gate_id = c.gate_id AND later.bucket_start = c.bucket_start AND later.direction = c.direction
            AND later.source_id = c.source_id AND later.revision > c.revision
    )
),
seen AS (
    SELECT
        gate_id, bucket_start, source_id, min(day) AS day, min(minute) AS minute,
        sum(CASE WHEN direction = 'in' THEN people ELSE 0 END) AS entries,
        sum(CASE WHEN direction = 'out' THEN people ELSE 0 END) AS exits,
        sum(CASE WHEN direction = 'pass' THEN people ELSE 0 END) AS passers,
        max(seconds_observed) AS seconds_observed
    FROM newest
    GROUP BY gate_id, bucket_start, source_id
),
best AS (
    SELECT
        gate_id, bucket_start, day, minute, entries, exits, passers, seconds_observed,
        row_number() OVER (
            PARTITION BY gate_id, bucket_start ORDER BY seconds_observed DESC, source_id
        ) AS place
    FROM seen
)
SELECT
    gate.code AS gate_code, gate.perimeter AS perimeter, best.bucket_start AS bucket_start, best.day AS day,
    best.minute AS minute, CAST(best.entries AS BIGINT) AS entries, CAST(best.exits AS BIGINT) AS exits,
    CAST(best.passers AS BIGINT) AS passers, best.seconds_observed AS seconds_observed
FROM best
INNER JOIN gate ON gate.id = best.gate_id
WHERE best.place = 1
ORDER BY gate_code, bucket_start
