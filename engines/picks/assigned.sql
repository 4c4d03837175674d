-- Who was already sent a campaign that runs on $day, or was held out of it: nobody of these is to be written to about it again.
SELECT DISTINCT o.person_id AS person_id, c.code AS campaign
FROM activity AS a
INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
INNER JOIN campaign AS c ON c.id = a.campaign_id
WHERE a.kind IN ('campaign_sent', 'campaign_holdout') AND a.at <= $at AND c.from_day <= $day AND c.to_day >= $day
ORDER BY person_id, campaign
