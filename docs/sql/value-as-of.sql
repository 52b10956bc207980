-- As of when the value of the base was worked out last.
SELECT max(as_of) AS asOf FROM $db.value_v1
