##! A file in pieces.

@load ../main

module InputBinary;

export {
    const chunk_size = 1024 &redef;
    const path_prefix = "" &redef;
}
