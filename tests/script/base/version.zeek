# Version numbers.
event zeek_init() {
    local v = Version::parse("8.1.2-rc1.5-debug");
    print v$version_number, v$major, v$minor, v$patch, v$commit, v$beta, v$debug; # expect: 80102, 8, 1, 2, 5, T, T

    local local_one = Version::parse("9.1.0-harbour");
    print local_one$version_number, local_one$localversion, local_one$commit, local_one$beta; # expect: 90100, harbour, 0, F
    print Version::parse("6.0-dev.12")$commit; # expect: 12
    print Version::at_least("4.0.0"), Version::at_least("90.0"); # expect: T, F
}
