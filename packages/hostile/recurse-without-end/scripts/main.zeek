function deeper(n: count): count {
    return deeper(n + 1) + 1;
}

event new_connection(c: connection) {
    print deeper(0);
}
