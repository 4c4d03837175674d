-- By the hour of the local day, how often anyone opened the app, a page or an offer in the 180 days up to $day.
SELECT CAST(floor(a.minute / 60.0) AS BIGINT) AS hour, CAST(count(*) AS BIGINT) AS n
FROM activity AS a
WHERE a.kind IN ('app_open', 'page_view', 'offer_view') AND a.minute >= 0 AND a.minute < 1440
    AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 180
GROUP BY CAST(floor(a.minute / 60.0) AS BIGINT)
ORDER BY hour
