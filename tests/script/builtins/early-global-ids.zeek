# Names have no values to list while globals get theirs.
global early = global_ids(); # error: early-global-ids.zeek, line 2: global_ids() cannot be called while globals get their first values
