##! Indicators are forgotten ten minutes after they were last inserted.

@load base/frameworks/intel

module Intel;

redef Intel::item_expiration = 10min;

# After all others had their say.
hook item_expired(indicator: string, indicator_type: Type, metas: set[MetaData]) &priority=-10 {
    break;
}
