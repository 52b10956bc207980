-- How far each partition of the embedded log reaches.
SELECT topic, partition, min(offset) AS startOffset, max(offset) + 1 AS endOffset FROM $db.journal_v1 GROUP BY topic, partition
