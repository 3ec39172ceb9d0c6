@load ./main
@load ./parse
