-- Which of some customers an incident hit.
SELECT DISTINCT customer FROM $db.event_v1 WHERE customer IN {customers:Array(String)} AND tenant = {tenant:String} AND type IN {kinds:Array(String)}
    AND occurred_at >= {from:Int64} AND occurred_at < {until:Int64}
    AND ({appVersion:String} = '' OR app_version = {appVersion:String})
    AND ({platform:String} = '' OR platform = {platform:String}) AND ({channel:String} = '' OR channel = {channel:String})
