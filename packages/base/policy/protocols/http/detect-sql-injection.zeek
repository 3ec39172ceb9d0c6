##! Requests whose URIs carry SQL, and notices about hosts that send or get many of them.

@load base/frameworks/notice
@load base/frameworks/sumstats
@load base/protocols/http

module HTTP;

export {
    redef enum Notice::Type += { SQL_Injection_Attacker, SQL_Injection_Victim };
    redef enum Tags += { URI_SQLI };

    # So many requests of a host, or to one, within this time.
    const sqli_requests_threshold: double = 50.0 &redef;
    const sqli_requests_interval = 5min &redef;

    ## A handler that breaks lets a request pass.
    global HTTP::sqli_policy: hook(c: connection, method: string, unescaped_URI: string);
}

redef record SumStats::Observation += {
    uid: string &optional;
};

# What SQL takes for a blank, and where a value begins in a query.
const sql_gap = /([[:blank:]\x00-\x1f+]|\/\*[^*]*\*\/)+/;
const query_value = /[?&][^=&[:blank:]]+=[^&]*/;

export {
    ## Statements put behind a value, conditions that always hold, functions that tell something, and
    ## comments that only one server reads.
    const match_sql_injection_uri =
        query_value & /['";)]/ & sql_gap & /(union|having|select|insert|delete|drop|declare|create|exec)/i & sql_gap
        | query_value & sql_gap & /(union|select|insert|delete|drop|declare|exec)/i & sql_gap & /[a-z0-9_*(]+/i & sql_gap & /(select|from|into|table)/i
        | query_value & /['"0-9)]/ & sql_gap & /(or|and|xor)/i & sql_gap & /['"]?[^&=]*['"]?=/
        | query_value & /'/ & /[[:blank:]+]*(\|\||-|=)[[:blank:]+]*/ & /([0-9]|\(?convert|cast)/i
        | /[?&][^=&[:blank:]]+=[^.&]*(char|ascii|substring|truncate|version|length)\(/i
        | /\/\*![0-9]{5}/ &redef;
}

function total(result: SumStats::Result, stream: string): double {
    return result[stream]$sum;
}

# One of the requests stands for all.
function sample_of(result: SumStats::Result, stream: string): SumStats::Observation {
    return result[stream]$samples[0];
}

function watch(name: string, stream: string,
        crossed: function(key: SumStats::Key, result: SumStats::Result)) {
    SumStats::create(SumStats::SumStat($name=name, $epoch=sqli_requests_interval,
        $reducers=set(SumStats::Reducer($stream=stream, $apply=set(SumStats::SUM, SumStats::SAMPLE),
            $num_samples=1)),
        $threshold_val=function[stream](key: SumStats::Key, result: SumStats::Result): double {
            return total(result, stream);
        },
        $threshold=sqli_requests_threshold, $threshold_crossed=crossed));
}

event zeek_init() &priority=3 {
    watch("detect-sqli-attackers", "http.sqli.attacker",
        function(key: SumStats::Key, result: SumStats::Result) {
            local request = sample_of(result, "http.sqli.attacker");
            NOTICE(Notice::Info($note=SQL_Injection_Attacker, $uid=request$uid, $src=key$host,
                $dst=to_addr(request$str), $identifier=cat(key$host),
                $msg="An SQL injection attacker was discovered!"));
        });

    watch("detect-sqli-victims", "http.sqli.victim",
        function(key: SumStats::Key, result: SumStats::Result) {
            local request = sample_of(result, "http.sqli.victim");
            NOTICE(Notice::Info($note=SQL_Injection_Victim, $uid=request$uid,
                $src=to_addr(request$str), $dst=key$host, $identifier=cat(key$host),
                $msg="An SQL injection victim was discovered!"));
        });
}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
        version: string) &priority=3 {
    if (! hook HTTP::sqli_policy(c, method, unescaped_URI) || match_sql_injection_uri !in unescaped_URI)
        return;

    add c$http$tags[URI_SQLI];

    SumStats::observe("http.sqli.attacker", SumStats::Key($host=c$id$orig_h),
        SumStats::Observation($str=cat(c$id$resp_h), $uid=c$uid));
    SumStats::observe("http.sqli.victim", SumStats::Key($host=c$id$resp_h),
        SumStats::Observation($str=cat(c$id$orig_h), $uid=c$uid));
}
