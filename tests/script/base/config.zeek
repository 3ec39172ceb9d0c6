# Options and their handlers.
module Harbour;
export { option depth: count = 7; }

function clamp(ID: string, value: count): count {
    return value > 20 ? 20 : value;
}

event zeek_init() {
    Option::set_change_handler("Harbour::depth", clamp);
    print Config::set_value("Harbour::depth", 9), Harbour::depth; # expect: T, 9
    print Config::set_value("Harbour::depth", 99), Harbour::depth; # expect: T, 20
}
