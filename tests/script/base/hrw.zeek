# When a site goes, only its keys move.
event zeek_init() {
    local pool = HashHRW::Pool();
    local id = 1;

    while (id <= 5) {
        HashHRW::add_site(pool, HashHRW::Site($id=id));
        ++id;
    }

    print HashHRW::add_site(pool, HashHRW::Site($id=3)); # expect: F

    local before: table[count] of count = table();
    local key = 0;

    while (key < 200) {
        before[key] = HashHRW::get_site(pool, key)$id;
        ++key;
    }

    HashHRW::rem_site(pool, HashHRW::Site($id=3));
    local moved_wrongly = 0;
    local owned = 0;

    for (k, owner in before)
        if (owner == 3)
            ++owned;
        else if (HashHRW::get_site(pool, k)$id != owner)
            ++moved_wrongly;

    print owned > 10, moved_wrongly; # expect: T, 0
}
