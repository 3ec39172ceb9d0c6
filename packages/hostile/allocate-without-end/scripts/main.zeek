global hoard: vector of string = vector();

event new_connection(c: connection) {
    local block = "0123456789abcdef";

    while (|block| < 1048576)
        block = string_cat(block, block);

    while (T)
        hoard += string_cat(block, cat(|hoard|));
}
