// Leaves with a status of its own.
int main(void) { return 7; }
