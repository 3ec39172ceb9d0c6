##! Marks requests for pictures in http.log's own column `tags`.

@load base/protocols/http

module TagAdded;

export {
    redef enum HTTP::Tags += { PICTURE };
}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
        version: string) {
    if (/\.png$/ in unescaped_URI)
        add c$http$tags[PICTURE];
}
