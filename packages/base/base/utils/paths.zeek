##! Paths of the file system.

module GLOBAL;

const absolute_path_pat = /(\/|[A-Za-z]:[\\\/]).*/;

## The first absolute path in `input`, or empty. A blank inside must have a backslash before it.
function extract_path(input: string): string {
    local pieces = split_string_all(input, /(\/|[A-Za-z]:[\\\/])([^\"\ ]|(\\\ ))*/);
    return |pieces| < 3 ? "" : pieces[1];
}

## `file_name` inside `dir`, unless it is absolute.
function build_path(dir: string, file_name: string): string {
    if (dir == "" || file_name == absolute_path_pat)
        return file_name;

    return ends_with(dir, "/") ? string_cat(dir, file_name) : string_cat(dir, "/", file_name);
}

## The same without "." and ".." inside.
function build_path_compressed(dir: string, file_name: string): string {
    return compress_path(build_path(dir, file_name));
}
