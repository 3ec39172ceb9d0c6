##! Your own configuration: what to load beyond the base library, and how to set it up.
##!
##! This file is yours. What stands here runs in a compartment of its own, the site; packages run in
##! theirs, with the standard scripts that you load here and with your settings of them.

# Take a text of your own: file identifiers cannot be foreseen by others then.
redef digest_salt = "Please change this value.";

# Your networks, beyond the private address space, which counts as yours already.
# redef Site::local_nets += { 203.0.113.0/24, [2001:db8:17::]/48 };

# Your DNS zones.
# redef Site::local_zones += { "example.org" };

# How the capture is doing.
@load misc/capture-loss

# Notices about software of yours that is known to be vulnerable or has changed.
@load frameworks/software/vulnerable
@load frameworks/software/version-changes
@load protocols/http/software

# Names outside your zones that point at your hosts.
@load protocols/dns/detect-external-names

# Hosts and services of yours.
@load protocols/conn/known-hosts
@load protocols/conn/known-services

@load protocols/http/detect-sql-injection

# MD5, SHA-1 and SHA-256 of all files.
@load frameworks/files/hash-all-files

# Logs as JSON instead of tab-separated columns.
# @load tuning/json-logs

# Indicators of trouble, from files.
# @load frameworks/intel/seen
# @load frameworks/intel/do_notice
# redef Intel::read_files += { "/etc/bulkhead/indicators.tsv" };

# Packages: all that are installed and granted run, each in its own compartment. Settings of a
# package stand here like any other.
# redef KnownClients::server = 192.168.7.20;
