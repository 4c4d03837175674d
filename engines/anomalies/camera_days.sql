-- Pictures that the counters of each gate looked at and dropped, by business day, over the $horizon days up to $day.
SELECT
    c.gate_id AS gate_id, c.day AS day, CAST(sum(c.frames_seen) AS BIGINT) AS seen, CAST(sum(c.frames_dropped) AS BIGINT) AS dropped
FROM count_bucket AS c
WHERE c.frames_seen > 0 AND c.day <= $day AND date_diff('day', CAST(c.day AS DATE), CAST($day AS DATE)) <= $horizon
GROUP BY c.gate_id, c.day
ORDER BY c.gate_id, c.day
