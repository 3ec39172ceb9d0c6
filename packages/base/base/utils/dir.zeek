##! Being told of new files in a directory.

@load base/frameworks/reporter
@load base/utils/exec
@load base/utils/paths

module Dir;

export {
    option polling_interval = 30sec;

    ## Calls `callback` with the path of each file, those that are there at the beginning included.
    global monitor: function(dir: string, callback: function(fname: string),
        poll_interval: interval &default=polling_interval);
}

event Dir::monitor_ev(dir: string, known: set[string], callback: function(fname: string),
        poll_interval: interval) {
    local list = Exec::Command($cmd=fmt("ls -1 %s/", safe_shell_quote(dir)));

    when [dir, known, callback, poll_interval, list] (local result = Exec::run(list)) {
        if (result$exit_code != 0) {
            Reporter::warning(fmt("Requested monitoring of nonexistent directory (%s).", dir));
            return;
        }

        local present: set[string] = set();

        if (result?$stdout)
            for (_, name in result$stdout) {
                if (name !in known)
                    callback(build_path_compressed(dir, name));

                add present[name];
            }

        schedule poll_interval { Dir::monitor_ev(dir, present, callback, poll_interval) };
    }
}

function monitor(dir: string, callback: function(fname: string),
        poll_interval: interval &default=polling_interval) {
    event Dir::monitor_ev(dir, set(), callback, poll_interval);
}
