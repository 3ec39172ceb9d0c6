##! ACTION_DROP asks whoever controls the network to block the source. Nobody does here: the column
##! says F, and scripts that raise such notices run.

@load base/frameworks/notice

module Notice;

export {
    redef record Info += {
        ## The address was blocked because of this notice.
        dropped: bool &log &default=F;
    };
}
