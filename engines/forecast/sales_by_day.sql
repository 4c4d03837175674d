-- Net sales of the mall in minor units of its currency, one row per business day before $day.
SELECT day, CAST(sum(net_minor) AS BIGINT) AS net_minor
FROM sale
WHERE day < $day
GROUP BY day
ORDER BY day
