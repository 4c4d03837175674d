-- People in through each perimeter gate by local hour of the business day $day, up to the moment $at.
-- Of several rows for a gate and quarter the same one stands as in footfall: the newest revision, then the
-- source that watched longer, then the smaller source id. Staff are left out.
WITH ranked AS (
    SELECT
        gate_id, bucket_start, source_id, direction, minute, n - staff_n AS people, seconds_observed,
        row_number() OVER (
            PARTITION BY gate_id, bucket_start, source_id, direction ORDER BY revision DESC
        ) AS place
    FROM count_bucket
    WHERE day = $day AND bucket_start < $at
),
seen AS (
    SELECT
        gate_id, bucket_start, source_id, min(minute) AS minute,
        sum(CASE WHEN direction = 'in' THEN people ELSE 0 END) AS entries,
        max(seconds_observed) AS seconds_observed
    FROM ranked
    WHERE place = 1
    GROUP BY gate_id, bucket_start, source_id
),
best AS (
    SELECT
        gate_id, minute, entries, seconds_observed,
        row_number() OVER (
            PARTITION BY gate_id, bucket_start ORDER BY seconds_observed DESC, source_id
        ) AS place
    FROM seen
)
SELECT
    gate.code AS gate_code, CAST(floor(best.minute / 60) AS BIGINT) AS hour,
    CAST(sum(best.entries) AS BIGINT) AS entries, CAST(sum(best.seconds_observed) AS BIGINT) AS seconds_observed
FROM best
INNER JOIN gate ON gate.id = best.gate_id
WHERE best.place = 1 AND gate.perimeter = 1
GROUP BY gate.code, CAST(floor(best.minute / 60) AS BIGINT)
ORDER BY gate_code, hour
