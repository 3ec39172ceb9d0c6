##! Asking an HTTP server something, with curl, by way of Exec.

@load ./exec

module ActiveHTTP;

export {
    option default_max_time = 1min;
    option default_method = "GET";

    type Response: record {
        ## 0 if there was none.
        code: count;
        msg: string;
        body: string &optional;
        headers: table[string] of string &optional;
    };

    type Request: record {
        url: string;
        method: string &default=default_method;
        ## Body of the request.
        client_data: string &optional;
        max_time: interval &default=default_max_time;
        ## Added to curl's command line as it stands.
        addl_curl_args: string &optional;
    };

    ## For use with `when`.
    global request: function(req: ActiveHTTP::Request): ActiveHTTP::Response;
}

function curl_command(req: Request, body_file: string, header_file: string): string {
    local words = vector("curl -s -g",
        fmt("-o %s", safe_shell_quote(body_file)),
        fmt("-D %s", safe_shell_quote(header_file)),
        fmt("-X %s", safe_shell_quote(req$method)),
        fmt("-m %.0f", req$max_time));

    if (req?$client_data)
        words += "-d @-";

    if (req?$addl_curl_args)
        words += req$addl_curl_args;

    words += safe_shell_quote(req$url);

    # Without a body curl writes no file.
    return fmt("%s && touch %s", join_string_vec(words, " "), safe_shell_quote(body_file));
}

function cut_tail_byte(s: string): string {
    return |s| == 0 ? s : s[:|s| - 1];
}

function parse_header_line(resp: Response, line: string) {
    local sides = split_string1(line, /:/);

    # The last byte is the carriage return.
    if (|sides| == 2)
        resp$headers[sides[0]] = cut_tail_byte(sides[1]);
}

function temporary_name(): string {
    local dir = getenv("TEMP");

    if (dir == "")
        dir = getenv("TMPDIR");

    return fmt("%s/zeek-activehttp-%s", dir == "" ? "/tmp" : dir, unique_id(""));
}

function request(req: Request): ActiveHTTP::Response {
    local resp = Response($code=0, $msg="", $body="", $headers=table());

    # It becomes part of a command.
    if (req$method != /[A-Za-z]+/) {
        Reporter::error(fmt("There was an illegal method specified with ActiveHTTP (\"%s\").", req$method));
        return resp;
    }

    local name = temporary_name();
    local body_file = string_cat(name, "_body");
    local header_file = string_cat(name, "_headers");
    local cmd = Exec::Command($cmd=curl_command(req, body_file, header_file),
        $stdin=req?$client_data ? req$client_data : "", $read_files=set(body_file, header_file));

    return when [req, resp, cmd, body_file, header_file] (local result = Exec::run(cmd)) {
        if (! result?$files || header_file !in result$files) {
            Reporter::error(fmt("There was a failure when requesting \"%s\" with ActiveHTTP.", req$url));
            return resp;
        }

        for (i, line in result$files[header_file]) {
            if (i > 0) {
                parse_header_line(resp, line);
                next;
            }

            local words = split_string_n(line, /[[:blank:]]+/, F, 2);

            if (|words| != 3)
                return resp;

            resp$code = to_count(words[1]);
            resp$msg = words[2];
            resp$body = join_string_vec(result$files[body_file], "");
        }

        return resp;
    }
}
