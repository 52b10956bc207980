-- Rules as they were when they were first in force under these versions.
SELECT version, argMin(edition, kept_at) AS edition, min(kept_at) AS keptAt FROM $db.rule_edition_v1
WHERE version IN {versions:Array(String)} GROUP BY version ORDER BY version
