-- What happened in each deal up to $day, by kind (a stage as stage_NAME) and day; closing words are no touch.
SELECT
    a.deal_id AS deal_id,
    CASE WHEN a.kind = 'stage' THEN concat('stage_', coalesce(a.stage, '')) ELSE a.kind END AS kind,
    date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) AS age,
    count(*) AS n
FROM deal_activity AS a
WHERE (a.day < $day OR (a.day = $day AND a.at <= $at)) AND (a.stage IS NULL OR a.stage NOT IN ('won', 'lost', 'signed'))
GROUP BY a.deal_id, a.kind, a.stage, a.day
ORDER BY a.deal_id, kind, a.day
