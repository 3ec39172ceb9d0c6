##! Lines as they are, from a file, or from a command if the source ends in `|`.

@load ../main

module InputRaw;

export {
    const record_separator = "\n" &redef;

    global process_finished: event(name: string, source: string, exit_code: count, signal_exit: bool);
}
