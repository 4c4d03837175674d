-- Every deal opened up to $day with its prospect. What a later day decided (won, lost) is not read; the stage comes from the activities.
SELECT
    d.id AS deal_id,
    d.pipeline AS pipeline,
    date_diff('day', CAST(d.opened_day AS DATE), CAST($day AS DATE)) AS opened_age,
    CASE WHEN d.state <> 'open' AND d.closed_day IS NOT NULL AND d.closed_day <= $day
        THEN date_diff('day', CAST(d.closed_day AS DATE), CAST($day AS DATE)) END AS closed_age,
    CAST(CASE WHEN d.state = 'won' AND d.closed_day IS NOT NULL AND d.closed_day <= $day THEN 1 ELSE 0 END AS BIGINT) AS won,
    d.value_minor AS value_minor,
    d.gla_m2 AS gla_m2,
    p.outlets AS outlets,
    c.code AS category,
    p.home_area AS home_area,
    p.channel AS channel,
    CASE WHEN d.stage IN ('enquiry', 'qualified', 'viewing', 'terms', 'legal', 'signed') THEN d.stage END AS stage
FROM deal AS d
INNER JOIN prospect AS p ON p.id = d.prospect_id
LEFT JOIN category AS c ON c.id = p.category_id
WHERE d.opened_day <= $day AND (d.state = 'open' OR d.closed_day IS NOT NULL)
ORDER BY d.id
