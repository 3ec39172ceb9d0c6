# @if sees what the version and the cluster will be before any script has run.
@if ( Version::info$major >= 5 && Version::number > 50000 && Version::info$minor <= 99 )
event zeek_init() { print "new", Version::info$major == Version::number / 10000; } # expect: new, T
@endif
@if ( ( Version::number >= 20600 ) || ( Version::number == 20500 && Version::info$commit >= 944 ) )
event zeek_init() { print "not 2.5"; } # expect: not 2.5
@endif
@if ( Cluster::local_node_type() == Cluster::MANAGER || Cluster::local_node_type() == Cluster::PROXY )
event zeek_init() { print "manager"; }
@else
event zeek_init() { print "alone"; } # expect: alone
@endif
