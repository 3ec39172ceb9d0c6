##! Community ID in notice.log, for notices about a connection.

@load base/frameworks/notice
@load base/protocols/conn
@load policy/protocols/conn/community-id-logging

module CommunityID::Notice;

export {
    ## Off leaves the column in place, but unset.
    option enabled: bool = T;

    redef record Notice::Info += {
        community_id: string &optional &log;
    };
}

hook Notice::notice(n: Notice::Info) {
    if (enabled && n?$conn && n$conn?$conn && n$conn$conn?$community_id)
        n$community_id = n$conn$conn$community_id;
}
