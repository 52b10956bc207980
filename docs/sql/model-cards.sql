-- The scores a tenant has trained under a pack, the newest first; of a version kept twice the first card.
SELECT version, argMin(card, trained_at) AS card FROM $db.score_model_v1
WHERE tenant = {tenant:String} AND pack = {pack:String}
GROUP BY version
ORDER BY min(trained_at) DESC, version
